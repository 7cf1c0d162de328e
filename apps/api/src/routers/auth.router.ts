import { answers, Envelope, envelope } from '../schemas/common.ts';
import {
  RegisterBody,
  RegisteredSchema,
  showRegistered,
  showUser,
  TokenBody,
  TokenSchema,
  UserSchema,
} from '../schemas/user.schema.ts';
import type { UserService } from '../services/user.service.ts';
import type { Router } from './app-instance.ts';
import { principalOf } from './authentication.ts';
import { REGISTRATION_LIMIT, TOKEN_LIMIT } from './http/rate-limits.ts';

const TAGS = ['auth'];

/** `/auth`: registration, tokens, who am I. */
export function authRouter(users: UserService): Router {
  return (app) => {
    app.post(
      '/auth/register',
      {
        config: { access: 'public', rateLimit: REGISTRATION_LIMIT },
        schema: {
          tags: TAGS,
          summary: 'Register',
          description: 'The answer holds the user secret, which is shown only here.',
          security: [],
          body: RegisterBody,
          response: answers({ 201: Envelope(RegisteredSchema) }, 400, 422, 429, 503),
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
        config: { access: 'public', rateLimit: TOKEN_LIMIT },
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
  };
}
