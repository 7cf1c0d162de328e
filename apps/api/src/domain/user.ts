/** Users: who may register, and what is kept of them. Source: REST specification, section "Auth". */
import { errorTable, FridayError } from './errors.ts';

/** Whether strangers may become users. */
export type Registration = 'open' | 'closed';

/** Who a user is to another issuer of tokens. */
export interface Identity {
  /** The issuer's name: the `iss` of its tokens. */
  readonly issuer: string;
  /** The issuer's own name for the user, never given to another: the `sub` of its tokens. */
  readonly subject: string;
}

/** What a verified token of another issuer says. Times in milliseconds since 1970. */
export interface ForeignClaims extends Identity {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The name that the user goes by there; not verified, not unique. */
  readonly preferredName: string | undefined;
}

export interface User {
  /** UUID. */
  readonly id: string;
  readonly username: string;
  /** UUID; the public half of the user's secret. */
  readonly keyId: string;
  /** SHA-256 of the secret half, in hex. */
  readonly secretHash: string;
  /** Raised to revoke all tokens that were made before; rule P20. */
  readonly tokenGeneration: number;
  /** Tokens of the other issuer that were made until then are void; rule P20. */
  readonly tokensRevokedAt?: number;
  /** Present where another issuer's tokens name the user, who then has no secret here. */
  readonly identity?: Identity;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Characters of a name; the alphabet is checked with the length, before the rules here. */
export const USERNAME = { minLength: 3, maxLength: 50, pattern: '^[a-zA-Z0-9_-]+$' } as const;

export const USER_ERRORS = errorTable({
  username_first_character: { message: 'Username must start with a letter', status: 400 },
  username_repeated_separator: { message: 'Username cannot contain consecutive special characters', status: 400 },
  username_digits: { message: 'Username cannot contain more than 3 consecutive numbers', status: 400 },
  username_reserved: { message: 'This username is reserved', status: 400 },
  username_taken: { message: 'Username already exists', status: 400 },
  registration_closed: { message: 'Registration is closed on this server', status: 403 },
  no_user_secret: { message: 'This user signs in with another issuer and has no secret here', status: 403 },
  user_not_found: { message: 'User not found', status: 401 },
  api_key_malformed: { message: 'Invalid API key format', status: 401 },
  api_key_invalid: { message: 'Invalid API key', status: 401 },
});

const RESERVED = ['admin', 'root', 'system'];
const PATTERN = new RegExp(USERNAME.pattern);

/** @throws FridayError with one of the `username_…` codes. */
export function checkUsername(username: string): void {
  const fault = usernameFault(username);
  if (fault !== undefined) throw new FridayError(USER_ERRORS[fault]);
}

/** Whether the text keeps to all rules for names. */
export function isUsername(text: string): boolean {
  const { minLength, maxLength } = USERNAME;
  return text.length >= minLength && text.length <= maxLength && PATTERN.test(text) && usernameFault(text) === undefined;
}

/** The form in which names are compared: no difference of case. */
export function foldUsername(username: string): string {
  return username.toLowerCase();
}

/** The user with all tokens void that were made until now (P20). */
export function revokeTokens(user: User, now: number): User {
  // A clock that was set back must not make tokens good again.
  const tokensRevokedAt = Math.max(now, user.tokensRevokedAt ?? 0);
  return { ...user, tokenGeneration: user.tokenGeneration + 1, tokensRevokedAt };
}

/** Whether a token of another issuer was made before its user's tokens were revoked. */
export function isRevoked({ tokensRevokedAt }: User, { issuedAt }: ForeignClaims): boolean {
  return tokensRevokedAt !== undefined && issuedAt <= tokensRevokedAt;
}

function usernameFault(username: string) {
  if (!/^[a-z]/i.test(username)) return 'username_first_character';
  if (/__|--/.test(username)) return 'username_repeated_separator';
  if (/\d{4}/.test(username)) return 'username_digits';
  return RESERVED.includes(foldUsername(username)) ? 'username_reserved' : undefined;
}
