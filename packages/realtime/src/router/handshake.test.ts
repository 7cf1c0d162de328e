import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { readHandshake } from './handshake.ts';
import { originPolicy } from './origin.ts';

const ORIGINS = originPolicy({ allowed: [], loopback: false });
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';

function read(url: string | undefined, headers: Readonly<Record<string, string>> = {}) {
  const request = new IncomingMessage(new Socket());
  if (url !== undefined) request.url = url;
  Object.assign(request.headers, headers);
  return readHandshake(request, ORIGINS);
}

test('[P2] the header wins over the subprotocol entry; with neither, the first frame has to bring the token', () => {
  const protocols = 'friday.v1, bearer.from-protocol';
  expect(read('/v1/ws', { authorization: 'Bearer from-header', 'sec-websocket-protocol': protocols }).token).toBe('from-header');
  expect(read('/v1/ws', { authorization: 'Basic abc', 'sec-websocket-protocol': protocols }).token).toBe('from-protocol');
  expect(read('/v1/ws', { authorization: 'bearer  spaced ' }).token).toBe('spaced');
  expect(read('/v1/ws', { 'sec-websocket-protocol': 'friday.v1' }).token).toBeUndefined();
  expect(read(undefined)).toEqual({ token: undefined, position: undefined });
});

test.each([`token=${JWT}`, 'access_token=x', 'TOKEN=x', 'user_secret=x', `cursor=${JWT}`, `other=bearer.${JWT}`, 'x=1&jwt='])(
  '[P2] a token in the query string is refused: %s',
  (query) => {
    expect(() => read(`/v1/ws?${query}`)).toThrow(expect.objectContaining({ code: 'token_in_url' }));
  },
);

test('[P7] the position comes as it is, decoded', () => {
  expect(read('/v1/ws?cursor=user.41.pX3kQ9-b~broadcast.7.Zt_0aWd2').position).toBe('user.41.pX3kQ9-b~broadcast.7.Zt_0aWd2');
  expect(read('/v1/ws?cursor=user.41.a%7Ebroadcast.7.b').position).toBe('user.41.a~broadcast.7.b');
  expect(read('/v1/ws?cursor=').position).toBe('');
});

test('[P1] of the offered subprotocols one must be ours', () => {
  expect(() => read('/v1/ws', { 'sec-websocket-protocol': 'chat, friday.v1' })).not.toThrow();
  for (const offered of ['friday.v2', 'chat, superchat', 'bearer.x', '']) {
    const fault = expect.objectContaining({ code: 'unsupported_protocol' });
    expect(() => read('/v1/ws', { 'sec-websocket-protocol': offered })).toThrow(fault);
  }
});

test('[P3] a foreign origin is refused, a missing one passes', () => {
  const fault = expect.objectContaining({ code: 'origin_not_allowed' });
  expect(() => read('/v1/ws', { origin: 'https://evil.example', host: 'friday.example' })).toThrow(fault);
  expect(() => read('/v1/ws', { origin: 'https://friday.example', host: 'friday.example' })).not.toThrow();
  expect(() => read('/v1/ws', { host: 'friday.example' })).not.toThrow();
});
