import Type, { type Static } from 'typebox';
import { wireTime } from '../domain/time.ts';
import { USERNAME, type User } from '../domain/user.ts';
import { OutputTime } from './common.ts';

export const RegisterBody = Type.Object({ username: Type.String(USERNAME) });

export const TokenBody = Type.Object({
  // writeOnly keeps the text out of every answer, the one that tells of its faults included.
  user_secret: Type.String({ writeOnly: true, description: 'As given at registration.' }),
});

export const UserSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  username: Type.String(),
  created_at: OutputTime,
  updated_at: OutputTime,
});

export const RegisteredSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  username: Type.String(),
  key_id: Type.String({ format: 'uuid' }),
  user_secret: Type.String({ description: 'Shown this once; exchange it for tokens.' }),
  created_at: OutputTime,
  updated_at: OutputTime,
});

export const TokenSchema = Type.Object({ access_token: Type.String(), token_type: Type.Literal('bearer') });

/** The user as the user sees it. */
export function showUser({ id, username, createdAt, updatedAt }: User): Static<typeof UserSchema> {
  return { id, username, created_at: wireTime(createdAt), updated_at: wireTime(updatedAt) };
}

/** The user with a new secret, at registration and after a change of keys: the only answers that hold it. */
export function showRegistered(user: User, userSecret: string): Static<typeof RegisteredSchema> {
  const { id, username, keyId, createdAt, updatedAt } = user;
  return {
    id,
    username,
    key_id: keyId,
    user_secret: userSecret,
    created_at: wireTime(createdAt),
    updated_at: wireTime(updatedAt),
  };
}
