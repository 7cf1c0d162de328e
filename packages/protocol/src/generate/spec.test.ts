import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseClientMessage } from '../client-message.ts';
import { errorBody, isProtocolErrorCode, PROTOCOL_ERROR_CODES } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { checkServerMessage, parseServerMessage } from '../server-message.ts';
import { renderSpec } from './spec.ts';

const SPEC = readFileSync(new URL('../../SPEC.md', import.meta.url), 'utf8');

/** The texts of all code blocks of a language. */
function blocks(language: string): string[] {
  return Array.from(SPEC.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms')), ([, text = '']) => text);
}

describe('SPEC.md', () => {
  test('has its generated sections as they should be', () => {
    expect(renderSpec(SPEC)).toBe(SPEC);
  });

  test('defines every rule once, in order', () => {
    const rules = Array.from(SPEC.matchAll(/^\*\*([PC]\d+b?)\*\* /gm), ([, number]) => number);
    const numbers = Array.from({ length: 22 }, (_, index) => `P${index + 1}`);
    const wanted = numbers.flatMap((number) => (['P8', 'P15'].includes(number) ? [number, `${number}b`] : [number]));
    expect(rules).toEqual([...wanted, 'C1', 'C2', 'C3', 'C4', 'C5', 'C6']);
  });

  test('shows frames that are valid, and the HTTP body as it is', () => {
    const kinds = blocks('json').map((text) => {
      const value: unknown = JSON.parse(text);
      const { type, error } = value as { type?: string; error?: { code: string; message: string } };
      if (error) {
        expect(isProtocolErrorCode(error.code)).toBe(true);
        expect(value).toEqual(errorBody(error.code, error.message));
        return 'http';
      }
      if (type === 'authenticate' || type === 'ping') return parseClientMessage(text).ok ? 'client' : text;
      return checkServerMessage(value).kind;
    });
    expect(kinds.filter((kind) => !['http', 'client', 'control', 'notification'].includes(kind))).toEqual([]);
    expect(new Set(kinds).size).toBe(4);
  });

  test('walks through a session in frames that are valid', () => {
    const lines = blocks('text').flatMap((text) => text.split('\n').filter((line) => /^[→←] \{/.test(line)));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      const text = line.slice(2);
      const read = line.startsWith('→')
        ? parseClientMessage(text).ok
        : ['control', 'notification'].includes(parseServerMessage(text).kind);
      expect([line, read]).toEqual([line, true]);
    }
  });

  test('names limits and error codes that exist', () => {
    expect(SPEC).toContain(`${LIMITS.positionCharacters.toLocaleString('en')} characters in all`);
    expect(SPEC).toContain(`at most ${LIMITS.clientFrameBytes / 1024} KiB`);
    expect(SPEC).toContain(`at most ${LIMITS.refCharacters} characters`);
    expect(SPEC).toContain(`More than ${LIMITS.changesOfOneKind.toLocaleString('en')} changes of one kind`);
    const section = SPEC.slice(SPEC.indexOf('<!-- generated: errors -->'));
    for (const code of PROTOCOL_ERROR_CODES) expect(section).toContain(`| \`${code}\` `);
  });
});

describe('generated sections', () => {
  test('one that nothing generates is refused', () => {
    expect(() => renderSpec('<!-- generated: weather -->\n<!-- end -->')).toThrow('"weather"');
  });

  test('one that is missing is named', () => {
    expect(() => renderSpec(SPEC.replace('<!-- generated: errors -->', ''))).toThrow('errors');
  });

  test('what stood there before is replaced', () => {
    const stale = SPEC.replace('<!-- generated: errors -->\n', '<!-- generated: errors -->\nold\n');
    expect(renderSpec(stale)).toBe(SPEC);
  });
});
