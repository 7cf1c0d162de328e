import { expect, test } from 'vitest';
import { requireOwner } from './owner.ts';

test("root does not write into another user's folder", () => {
  const fault = { code: 'not_the_owner', message: '/srv/friday belongs to user 990: restore as that user, not as root.' };
  expect(() => requireOwner('/srv/friday', 990, 0)).toThrow(expect.objectContaining(fault));
});

test.each([
  [0, 0],
  [990, 990],
  [0, undefined],
])('a folder of user %s may be written to by user %s', (owner, user) => {
  expect(() => requireOwner('/srv/friday', owner, user)).not.toThrow();
});

test('the user is that of this process unless given', () => {
  expect(() => requireOwner('/srv/friday', process.getuid?.() ?? 0)).not.toThrow();
});
