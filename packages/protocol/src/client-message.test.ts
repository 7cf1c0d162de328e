import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseClientMessage } from './client-message.ts';
import { clientFrameCases } from './generate/client-frame-vectors.ts';

describe('[P13] frames of a client', () => {
  test.each(clientFrameCases())('$name', ({ text, valid, code, fields, ref }) => {
    const frame = parseClientMessage(text);
    if (frame.ok) {
      expect(valid).toBe(true);
      expect(frame.message).toEqual(JSON.parse(text));
      return;
    }
    expect({ code: frame.code, fields: frame.details.map(({ field }) => field) }).toEqual({ code, fields });
    expect(frame.ref).toBe(ref);
    expect('ref' in frame).toBe(ref !== undefined);
  });

  test('the answer says in plain words what is wrong, for each field and as a whole', () => {
    expect(parseClientMessage('{"type":"authenticate","ref":7}')).toEqual({
      ok: false,
      code: 'invalid_message',
      message: 'The frame is not a message of this protocol: /token is required; /ref must be a string.',
      details: [
        { field: '/token', message: 'is required' },
        { field: '/ref', message: 'must be a string' },
      ],
    });
    const unknown = parseClientMessage('{"type":"subscribe"}');
    expect(unknown).toMatchObject({ details: [{ field: '/type', message: 'must be one of authenticate, ping' }] });
    expect(parseClientMessage('[]')).toMatchObject({ message: 'The frame is JSON, but not an object.' });
    expect(parseClientMessage('{')).toMatchObject({ message: 'The frame is not JSON.' });
  });

  test('any text gets an answer, and any JSON object leaves the connection open', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseClientMessage(text)).toHaveProperty('ok');
      }),
    );
    const type = fc.constantFrom('authenticate', 'ping', 'live');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.option(type), (fields, name) => {
        const frame = parseClientMessage(JSON.stringify(name === null ? fields : { ...fields, type: name }));
        expect(frame.ok || frame.code).not.toBe('protocol_error');
        expect(frame.ok || frame.details.length > 0).toBe(true);
      }),
    );
  });

  test('a fault repeats nothing of what was sent: it may be a token', () => {
    const secret = 'very.secret.token';
    expect(JSON.stringify(parseClientMessage(`{"type":"authenticate","token":["${secret}"],"cursor":0}`))).not.toContain(
      'secret',
    );
    expect(JSON.stringify(parseClientMessage(`${secret}`))).not.toContain('secret');
    expect(JSON.stringify(parseClientMessage(`{"type":"${secret}"}`))).not.toContain('secret');
  });

  test('a name that every object inherits is no field', () => {
    expect(parseClientMessage('{"type":"ping","__proto__":{"ref":5}}')).toMatchObject({ ok: true });
    expect(parseClientMessage('{"__proto__":{"type":"ping"}}')).toMatchObject({ ok: false, code: 'invalid_message' });
  });
});
