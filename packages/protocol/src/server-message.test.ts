import { describe, expect, test } from 'vitest';
import { NOTIFICATION_EXAMPLES } from './examples.ts';
import { serverFrameCases } from './generate/server-frame-vectors.ts';
import { LIMITS } from './limits.ts';
import { checkNotificationContent, checkServerMessage, parseServerMessage } from './server-message.ts';

const [NOTE] = NOTIFICATION_EXAMPLES;
const content = { type: 'note.created', resource: { kind: 'note', id: 1, version: 1, href: '/v1/notes/1' } };

describe('frames of a server', () => {
  test.each(serverFrameCases())('$name: $kind', ({ text, kind, fields }) => {
    const frame = parseServerMessage(text);
    expect(frame.kind).toBe(kind);
    if (frame.kind === 'invalid') expect(frame.details.map(({ field }) => field)).toEqual(fields);
    if (frame.kind === 'control' || frame.kind === 'notification') expect(frame.message).toEqual(JSON.parse(text));
  });

  test('an unknown control frame is named', () => {
    expect(checkServerMessage({ type: 'weather' })).toEqual({ kind: 'unknown', type: 'weather' });
    expect(checkServerMessage({ type: 'toString' })).toEqual({ kind: 'unknown', type: 'toString' });
  });

  test('values that are no objects are faults', () => {
    for (const value of [null, undefined, 'live', 3]) expect(checkServerMessage(value).kind).toBe('invalid');
  });
});

describe('[P14] the time of a notification', () => {
  test.each([0, 1, 999, Date.UTC(2026, 1, 28, 23, 59, 59, 999)])('any millisecond, such as %d, in the one form', (ms) => {
    expect(checkServerMessage({ ...NOTE, time: new Date(ms).toISOString() }).kind).toBe('notification');
  });

  test.each(['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.125+00:00', '2026-13-01T10:00:00.125Z'])('not %s', (time) => {
    expect(checkServerMessage({ ...NOTE, time })).toMatchObject({ kind: 'invalid', details: [{ field: '/time' }] });
  });
});

describe('[P15] the type of a notification', () => {
  test.each(['note.created', 'a.b', `${'n'.repeat(32)}.${'m'.repeat(32)}`, 'billing2.invoice_paid'])('may be %s', (type) => {
    expect(checkNotificationContent({ type })).toEqual([]);
  });

  test.each(['note', 'Note.created', 'note.', '.created', 'note.a.b', 'note.Created', '2.b', 'a-b.c', `${'n'.repeat(33)}.a`, ''])(
    'may not be "%s"',
    (type) => {
      expect(checkNotificationContent({ type })).toMatchObject([{ field: '/type' }]);
    },
  );
});

describe('[P17][P18] the content of a notification', () => {
  test('names what changed, who caused it, and data of any form', () => {
    expect(checkNotificationContent({ ...content, changed: ['title'], origin: 'phone', data: null })).toEqual([]);
    expect(checkNotificationContent({ ...content, resource: { ...content.resource, id: 'a-1' } })).toEqual([]);
  });

  test.each([
    ['/origin', { origin: 'o'.repeat(LIMITS.originCharacters + 1) }],
    ['/changed', { changed: Array.from({ length: 65 }, () => 'x') }],
    ['/changed/0', { changed: [1] }],
    ['/resource/id', { resource: { ...content.resource, id: 1.5 } }],
    ['/resource/kind', { resource: { ...content.resource, kind: 'Note' } }],
    ['/resource/version', { resource: { ...content.resource, version: 0 } }],
    ['/seq', { seq: 1 }],
    ['/type', { type: 1 }],
  ])('a fault is named: %s', (field, wrong) => {
    expect(checkNotificationContent({ ...content, ...wrong })).toMatchObject([{ field }]);
  });
});
