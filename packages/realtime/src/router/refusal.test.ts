import { PROTOCOL_ERROR_CODES, protocolError } from '@friday/protocol';
import { expect, test } from 'vitest';
import { RealtimeError } from '../domain/errors.ts';
import { refusal } from './refusal.ts';

const REFUSALS = PROTOCOL_ERROR_CODES.filter((code) => protocolError(code).httpStatus !== undefined);

test.each(REFUSALS)('[P4] %s has its status, and the body of all HTTP faults', (code) => {
  const { status, headers, body } = refusal(new RealtimeError(code));
  const { httpStatus, message } = protocolError(code);
  expect(status).toBe(httpStatus);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(JSON.parse(body)).toEqual({ detail: message, data: null, message, error: { code, message } });
  expect(/^[1-9]\d*$/.test(headers['retry-after'] ?? '')).toBe(status === 429 || status === 503);
  expect(headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
});

test('[P4] Retry-After is in whole seconds, rounded up', () => {
  expect(refusal(new RealtimeError('rate_limited', undefined, { retryAfterMs: 1_001 })).headers['retry-after']).toBe('2');
});

test('an answer says what to send instead: the version, or the protocol to upgrade to', () => {
  expect(refusal(new RealtimeError('bad_handshake')).headers['sec-websocket-version']).toBe('13');
  expect(refusal(new RealtimeError('upgrade_required')).headers).toMatchObject({ upgrade: 'websocket', connection: 'upgrade' });
});

test('a fault that no client can cause has no status of its own: 500', () => {
  expect(refusal(new RealtimeError('message_invalid')).status).toBe(500);
});
