import { expect, test } from 'vitest';
import type { User } from '../../domain/user.ts';
import { verifyToken } from './access-token.ts';
import { TokenAuthenticator } from './token-authenticator.ts';

const SECRET = Buffer.from('a secret of at least thirty-two bytes, for tests');

/** One user, whose row can be changed, and a clock that can be set. */
function world() {
  let now = Date.parse('2030-01-01T00:00:00.900Z');
  const user: User = {
    id: 'user-id',
    username: 'anna',
    keyId: 'key-id',
    secretHash: '',
    tokenGeneration: 3,
    createdAt: 0,
    updatedAt: 0,
  };
  const users = new Map([[user.id, user]]);
  const authenticator = new TokenAuthenticator({
    secret: SECRET,
    users: { generationOf: async (id) => users.get(id)?.tokenGeneration },
    clock: { now: () => now },
    tokenMinutes: 30,
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { authenticator, user, users, pass };
}

test('a token says whose it is, from when and until when, and of which generation', () => {
  const { authenticator, user } = world();
  const iat = Date.parse('2030-01-01T00:00:00Z') / 1000;
  expect(verifyToken(authenticator.issue(user), SECRET)).toEqual({ sub: 'user-id', iat, exp: iat + 1800, gen: 3 });
});

test('its bearer is given their own channel and that of all', async () => {
  const { authenticator, user } = world();
  expect(await authenticator.authenticate(authenticator.issue(user))).toEqual({
    userId: 'user-id',
    channels: ['user:user-id', 'broadcast'],
    expiresAt: Date.parse('2030-01-01T00:30:00Z'),
    generation: 3,
  });
});

test('it is good until the moment it ends, also when it has been seen before', async () => {
  const { authenticator, user, pass } = world();
  const token = authenticator.issue(user);
  pass(30 * 60_000 - 901);
  await authenticator.authenticate(token);
  pass(1);
  for (const attempt of [1, 2]) {
    await expect(authenticator.authenticate(token), String(attempt)).rejects.toMatchObject({ code: 'token_expired' });
  }
});

test('[P20] a raised generation ends it at once, also when it has been seen before', async () => {
  const { authenticator, user, users } = world();
  const token = authenticator.issue(user);
  await authenticator.authenticate(token);
  users.set(user.id, { ...user, tokenGeneration: 4 });
  await expect(authenticator.authenticate(token)).rejects.toMatchObject({ code: 'revoked' });
  users.delete(user.id);
  await expect(authenticator.authenticate(token)).rejects.toMatchObject({ code: 'unauthenticated', message: 'User not found' });
});

test('more tokens than it remembers are verified all the same', async () => {
  const { authenticator, user, users } = world();
  const people = Array.from({ length: 20_001 }, (_, index) => ({ ...user, id: `user-${index}` }));
  for (const person of people) users.set(person.id, person);
  const tokens = people.map((person) => authenticator.issue(person));
  for (const token of [...tokens, ...tokens.slice(0, 1)]) await authenticator.authenticate(token);
  const principal = await authenticator.authenticate(tokens.at(-1) ?? '');
  expect(principal.userId).toBe('user-20000');
});
