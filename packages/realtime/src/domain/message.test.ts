import { LIMITS, type NotificationContent } from '@friday/protocol';
import { expect, test } from 'vitest';
import { WebSocketMessage } from './message.ts';

const RESOURCE = { kind: 'note', id: 7, version: 2, href: '/v1/notes/7' };

/** A content whose `data` has so many bytes as JSON. */
function withData(bytes: number): NotificationContent {
  return { type: 'test.event', data: 'x'.repeat(bytes - 2) };
}

test('a message is encoded once, and knows the kind of its resource', () => {
  const content = { type: 'note.updated', resource: RESOURCE, changed: ['content'], origin: 'phone' };
  const message = new WebSocketMessage(content);
  expect(JSON.parse(message.json)).toEqual(content);
  expect([message.type, message.kind]).toEqual(['note.updated', 'note']);
  expect(new WebSocketMessage({ type: 'billing.invoice_paid' })).toMatchObject({
    kind: undefined,
    json: '{"type":"billing.invoice_paid"}',
  });
});

test.each([
  ['/type', { type: 'note' }],
  ['/resource/version', { type: 'note.updated', resource: { ...RESOURCE, version: 0 } }],
  ['/changed/0', { type: 'note.updated', changed: ['x'.repeat(65)] }],
  ['/origin', { type: 'note.updated', origin: 'x'.repeat(65) }],
  ['/seq', { type: 'note.updated', seq: 7 }],
  ['/channel', { type: 'note.updated', channel: 'user' }],
])('[P15][P17] a fault at %s is named to the service that announces', (field, content) => {
  const fault = { name: 'RealtimeError', code: 'message_invalid', message: expect.stringContaining(field) };
  expect(() => new WebSocketMessage(content)).toThrow(expect.objectContaining(fault));
});

test('what has no JSON form is refused with its cause', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const fault = { code: 'message_invalid', cause: expect.any(TypeError) };
  expect(() => new WebSocketMessage({ type: 'test.event', data: circle })).toThrow(expect.objectContaining(fault));
  expect(() => new WebSocketMessage({ type: 'test.event', data: 1n })).toThrow(expect.objectContaining(fault));
});

test('[P17] data has at most 16 KiB, counted in bytes', () => {
  expect(() => new WebSocketMessage(withData(LIMITS.dataBytes))).not.toThrow();
  const fault = { code: 'message_too_large', message: expect.stringContaining('16385 bytes') };
  expect(() => new WebSocketMessage(withData(LIMITS.dataBytes + 1))).toThrow(expect.objectContaining(fault));
  const euros = '€'.repeat(LIMITS.dataBytes / 3);
  expect(() => new WebSocketMessage({ type: 'test.event', data: euros })).toThrow(
    expect.objectContaining({ code: 'message_too_large' }),
  );
});

test('a whole message has at most 32 KiB', () => {
  const ofCharacter = (character: string) => ({
    type: 'note.updated',
    resource: { ...RESOURCE, href: character.repeat(512) },
    changed: Array.from({ length: 64 }, () => character.repeat(64)),
    data: 'x'.repeat(16_000),
  });
  expect(() => new WebSocketMessage(ofCharacter('€'))).not.toThrow();
  const fault = { code: 'message_too_large', message: expect.stringContaining('whole') };
  expect(() => new WebSocketMessage(ofCharacter('🙂'))).toThrow(expect.objectContaining(fault));
});
