import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from '@friday/realtime';
import type { Clock, IdentityDirectory, SecretKeeper, UnitOfWork, UserRepository } from '../domain/ports.ts';
import { type ForeignClaims, isRevoked, isUsername, type Registration, USERNAME, type User } from '../domain/user.ts';

/** Letters that make a name unique: 20 to the power of 10 such names. */
const LETTERS = 'bcdfghjklmnpqrstvwxz';
const SUFFIX_LETTERS = 10;

export interface IdentityServiceDeps {
  readonly users: UserRepository<Transaction>;
  readonly unitOfWork: UnitOfWork<Transaction>;
  readonly secrets: SecretKeeper;
  readonly clock: Clock;
  readonly registration: Registration;
}

/** Users for whom another issuer vouches. */
export class IdentityService implements IdentityDirectory {
  readonly #deps: IdentityServiceDeps;

  constructor(deps: IdentityServiceDeps) {
    this.#deps = deps;
  }

  async userOf(claims: ForeignClaims): Promise<User | 'revoked' | 'unknown'> {
    const known = await this.#known(claims);
    if (known !== undefined) return known;
    return this.#deps.registration === 'open' ? this.#welcome(claims) : 'unknown';
  }

  /** Of several first requests at once, one makes the user. */
  async #welcome(claims: ForeignClaims): Promise<User | 'revoked'> {
    return this.#deps.unitOfWork.run(async (tx) => {
      const known = await this.#known(claims, tx);
      if (known !== undefined) return known;
      for (const username of nameCandidates(claims.preferredName)) {
        const user = this.#draft(username, claims);
        if (await this.#deps.users.insert(tx, user)) return user;
      }
      throw new Error('No name is left for a new user.');
    });
  }

  async #known(claims: ForeignClaims, tx?: Transaction): Promise<User | 'revoked' | undefined> {
    const user = await this.#deps.users.findByIdentity(claims, tx);
    if (user) return isRevoked(user, claims) ? 'revoked' : user;
    // Its issuer may still accept a token from before the user was removed; here it must not bring the user back.
    const removedAt = await this.#deps.users.removedAt(claims, tx);
    return removedAt !== undefined && claims.issuedAt <= removedAt ? 'revoked' : undefined;
  }

  #draft(username: string, { issuer, subject }: ForeignClaims): User {
    const now = this.#deps.clock.now();
    const keyId = randomUUID();
    // A secret that nobody is told: their issuer alone says who they are.
    const { secretHash } = this.#deps.secrets.make(keyId);
    const identity = { issuer, subject };
    return { id: randomUUID(), username, keyId, secretHash, tokenGeneration: 0, createdAt: now, updatedAt: now, identity };
  }
}

/** Names to try, the best first: the preferred one, the same with random letters, random letters alone. */
function nameCandidates(preferred = ''): string[] {
  const suffixed = `${preferred.slice(0, USERNAME.maxLength - SUFFIX_LETTERS - 1)}-${randomLetters()}`;
  return [preferred, suffixed, `user-${randomLetters()}`].filter(isUsername);
}

function randomLetters(): string {
  return Array.from(randomBytes(SUFFIX_LETTERS), (byte) => LETTERS[byte % LETTERS.length]).join('');
}
