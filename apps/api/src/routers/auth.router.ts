import { answers, Envelope, envelope, MessageSchema } from '../schemas/common.ts';
import {
  RegisterBody,
  RegisteredSchema,
  showRegistered,
  showUser,
  TokenBody,
  TokenSchema,
  UserSchema,
} from '../schemas/user.schema.ts';
import type { RemovalService } from '../services/removal.service.ts';
import type { RevocationService } from '../services/revocation.service.ts';
import type { UserService } from '../services/user.service.ts';
import type { App, Router } from './app-instance.ts';
import { principalOf } from './authentication.ts';

const TAGS = ['auth'];

/** `/auth`: registration, tokens and their end, who am I. */
export function authRouter(users: UserService, revocations: RevocationService, removals: RemovalService): Router {
  return (app) => {
    addSignIn(app, users);
    addMe(app, users, removals);
    addRevocation(app, revocations);
  };
}

function addSignIn(app: App, users: UserService): void {
  app.post(
    '/auth/register',
    {
      config: { access: 'public', limitedAs: 'registration' },
      schema: {
        tags: TAGS,
        summary: 'Register',
        description: 'The answer holds the user secret, which is shown only here.',
        security: [],
        body: RegisterBody,
        response: answers({ 201: Envelope(RegisteredSchema) }, 400, 403, 422, 429, 503),
      },
    },
    async (request, reply) => {
      const { user, userSecret } = await users.register(request.body.username);
      return reply.code(201).send(envelope(showRegistered(user, userSecret), 'User registered successfully'));
    },
  );
  app.post(
    '/auth/token',
    {
      config: { access: 'public', limitedAs: 'token' },
      schema: {
        tags: TAGS,
        summary: 'Exchange the user secret for an access token',
        security: [],
        body: TokenBody,
        response: answers({ 200: Envelope(TokenSchema) }, 401, 422, 429, 503),
      },
    },
    async (request) => {
      const token = await users.exchange(request.body.user_secret);
      return envelope({ access_token: token, token_type: 'bearer' as const }, 'Login successful');
    },
  );
}

function addMe(app: App, users: UserService, removals: RemovalService): void {
  app.get(
    '/auth/me',
    {
      config: { refusals: 'me' },
      schema: { tags: TAGS, summary: 'The present user', response: answers({ 200: Envelope(UserSchema) }, 401, 429, 503) },
    },
    async (request) => {
      const user = await users.get(principalOf(request).userId);
      return envelope(showUser(user), 'Current user retrieved successfully');
    },
  );
  app.delete(
    '/auth/me',
    {
      config: { refusals: 'me' },
      schema: {
        tags: TAGS,
        summary: 'Delete the present user',
        description: 'All that is kept of the user goes with it, and cannot be brought back. Connections close with 4003.',
        response: answers({ 200: MessageSchema }, 401, 429, 503),
      },
    },
    async (request) => {
      await removals.remove(principalOf(request).userId);
      return { message: 'User deleted successfully' };
    },
  );
}

function addRevocation(app: App, revocations: RevocationService): void {
  app.post(
    '/auth/logout-everywhere',
    {
      schema: {
        tags: TAGS,
        summary: 'Revoke all tokens of the present user',
        description: 'The one that asks, too. Connections close with 4003; the user secret stays good for new tokens.',
        response: answers({ 200: MessageSchema }, 401, 429, 503),
      },
    },
    async (request) => {
      await revocations.logoutEverywhere(principalOf(request).userId);
      return { message: 'Logged out everywhere successfully' };
    },
  );
  app.post(
    '/auth/rotate-key',
    {
      schema: {
        tags: TAGS,
        summary: 'Replace the user secret',
        description: 'The answer holds the new one, which is shown only here. The old one and all tokens are void at once.',
        response: answers({ 200: Envelope(RegisteredSchema) }, 401, 403, 429, 503),
      },
    },
    async (request) => {
      const { user, userSecret } = await revocations.rotateKey(principalOf(request).userId);
      return envelope(showRegistered(user, userSecret), 'Key rotated successfully');
    },
  );
}
