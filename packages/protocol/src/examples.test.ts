import { expect, test } from 'vitest';
import { parseClientMessage } from './client-message.ts';
import { CLIENT_EXAMPLES, CONTROL_EXAMPLES, NOTIFICATION_EXAMPLES } from './examples.ts';
import { WebSocketMessageType } from './message-type.ts';
import { cursorChannel, parsePosition } from './position.ts';
import { checkServerMessage } from './server-message.ts';

test('there is an example of every type that version 1 fixes', () => {
  const shown = [...Object.values(CLIENT_EXAMPLES), ...Object.values(CONTROL_EXAMPLES), ...NOTIFICATION_EXAMPLES];
  expect(shown.map(({ type }) => type)).toEqual(expect.arrayContaining(Object.values(WebSocketMessageType)));
});

test.each(Object.values(CLIENT_EXAMPLES))('$type is what a server takes', (example) => {
  expect(parseClientMessage(JSON.stringify(example))).toEqual({ ok: true, message: example });
});

test.each(Object.values(CONTROL_EXAMPLES))('$type is what a client takes', (example) => {
  expect(checkServerMessage(example)).toEqual({ kind: 'control', message: example });
  if ('cursor' in example) expect(parsePosition(example.cursor)).toBeDefined();
});

test('an error example says what the server would say', () => {
  const { message, details, code } = CONTROL_EXAMPLES.error;
  expect(parseClientMessage('{"type":"authenticate","token":""}')).toMatchObject({ code, message, details });
});

test('[P9][P15] notifications are one history: numbers without a gap, versions that rise by 1, each type once', () => {
  const versions = new Map<string, number>();
  let seq = 41;
  for (const { channel, cursor, resource, ...rest } of NOTIFICATION_EXAMPLES) {
    expect(cursorChannel(cursor)).toBe(channel);
    expect(parsePosition(cursor)).toHaveLength(1);
    if (channel === 'user') expect(rest.seq).toBe(++seq);
    if (!resource) continue;
    const key = `${resource.kind} ${resource.id}`;
    expect(resource.version).toBe((versions.get(key) ?? 0) + 1);
    versions.set(key, resource.version);
  }
  const types = NOTIFICATION_EXAMPLES.map(({ type }) => type);
  expect(new Set(types).size).toBe(types.length);
});

test.each(NOTIFICATION_EXAMPLES)('$type is what a client takes', (example) => {
  expect(checkServerMessage(example)).toEqual({ kind: 'notification', message: example });
});
