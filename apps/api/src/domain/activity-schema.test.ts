import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIVITY_SCHEMA_LIMITS, activitySchemaFaults } from './activity-schema.ts';

const faults = (schema: Readonly<Record<string, unknown>>) => activitySchemaFaults(schema, 's');
/** A schema with one property of this form. */
const withProperty = (property: unknown) => ({ type: 'object', properties: { a: property } });

describe('taken', () => {
  test.each([
    { type: 'object', properties: {} },
    { type: 'object', properties: {}, required: [] },
    { type: 'object', properties: {}, additionalProperties: true },
    { type: 'object', properties: {}, patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    { type: 'object', properties: { a: { type: 'number' } }, required: ['a'], additionalProperties: false, minProperties: 1 },
    withProperty({ type: 'nonsense' }),
    withProperty({ type: null }),
    withProperty({ type: ['string', 'null'], enum: ['a', null] }),
    withProperty({ $ref: '#/$defs/nothing' }),
    withProperty({ $ref: '#' }),
    withProperty({ type: 'string', pattern: '^\\p{Letter}+$' }),
    // A needless escape, which the flag `u` does not take.
    withProperty({ type: 'string', pattern: '^\\d\\-\\d$' }),
    // Properties that are called as keywords are.
    {
      type: 'object',
      properties: { pattern: { type: 'string' }, $ref: { type: 'string' }, patternProperties: { type: 'object' } },
    },
    { type: 'object', properties: { pattern: { type: 'string' } }, patternProperties: { pattern: { type: 'string' } } },
    withProperty({ type: 'number', minimum: -1e308, maximum: 1e308 }),
  ])('%j', (schema) => {
    expect(faults(schema)).toEqual([]);
  });
});

describe('refused for its form', () => {
  test.each([
    [{}, ['s.type must be "object"', 's.properties must be an object']],
    [{ type: 'array', properties: {} }, ['s.type must be "object"']],
    [{ type: ['object'], properties: {} }, ['s.type must be "object"']],
    [{ type: 'object' }, ['s.properties must be an object']],
    [{ type: 'object', properties: [] }, ['s.properties must be an object']],
    [{ type: 'object', properties: null }, ['s.properties must be an object']],
    [{ type: 'object', patternProperties: { a: { type: 'string' } } }, ['s.properties must be an object']],
    [{ type: 'object', properties: {}, patternProperties: [] }, ['s.patternProperties must be an object']],
    [withProperty(true), ['s.properties.a must be an object']],
    [withProperty(null), ['s.properties.a must be an object']],
    [withProperty([{ type: 'string' }]), ['s.properties.a must be an object']],
    [withProperty({ enum: ['x'] }), ['s.properties.a must have a type or a $ref']],
    [
      { type: 'object', properties: {}, patternProperties: { '^x': {} } },
      ['s.patternProperties["^x"] must have a type or a $ref'],
    ],
    [{ type: 'object', properties: {}, required: ['a'] }, ['s.required needs properties']],
    [
      { type: 'object', properties: {}, additionalProperties: false },
      ['s.additionalProperties cannot be false without properties'],
    ],
    [{ type: 'object', properties: {}, minProperties: 0 }, ['s.minProperties needs properties']],
    [{ type: 'object', properties: {}, patternProperties: {}, maxProperties: 3 }, ['s.maxProperties needs properties']],
  ])('%j', (schema, expected) => {
    expect(faults(schema)).toEqual(expected);
  });

  test('a property that only its prototype has is none', () => {
    expect(faults(withProperty(JSON.parse('{"__proto__":{"type":"string"}}')))).toEqual([
      's.properties.a must have a type or a $ref',
    ]);
  });
});

describe('refused because it could not be used safely', () => {
  test.each(['https://example.org/schema.json', 'file:///etc/passwd', '//example.org', 'other.json', '', ' #/a'])(
    'a reference to %j',
    (target) => {
      for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
        expect(faults(withProperty({ type: 'string', [keyword]: target }))).toEqual([
          `s.properties.a.${keyword} must point into the same schema, and start with #`,
        ]);
      }
    },
  );

  test('a remote reference, wherever it stands', () => {
    const remote = { $ref: 'https://example.org' };
    for (const hidden of [{ default: remote }, { allOf: [remote] }, { 'x-own': { deep: [[remote]] } }, { const: remote }]) {
      expect(faults({ ...withProperty({ $ref: '#/default' }), ...hidden })).toHaveLength(1);
    }
  });

  test.each(['(', '[z-a]', '*', '(?P<name>a)', '\\'])('the pattern %j', (pattern) => {
    expect(faults(withProperty({ type: 'string', pattern }))).toEqual([
      's.properties.a.pattern must be a regular expression (ECMA-262)',
    ]);
    expect(faults({ ...withProperty({ type: 'string' }), patternProperties: { [pattern]: { type: 'string' } } })).toHaveLength(1);
    const deep = { type: 'object', properties: { b: { type: 'object', patternProperties: { [pattern]: {} } } } };
    expect(faults(withProperty(deep))).toHaveLength(1);
  });

  test('a pattern that is too long', () => {
    const { patternCharacters } = ACTIVITY_SCHEMA_LIMITS;
    expect(faults(withProperty({ type: 'string', pattern: 'a'.repeat(patternCharacters) }))).toEqual([]);
    const [fault] = faults({ type: 'object', properties: {}, patternProperties: { ['a'.repeat(1001)]: { type: 'string' } } });
    // Its name is cut short, so that the answer is not as long as what was sent.
    expect(fault).toBe(`s.patternProperties["${'a'.repeat(40)}"…] must have at most 1000 characters`);
  });

  test('a number that JSON cannot write', () => {
    expect(faults(JSON.parse('{"type":"object","properties":{"a":{"type":"number","maximum":1e400}}}'))).toEqual([
      's.properties.a.maximum is beyond the range of numbers',
    ]);
  });

  test('U+0000, in values and in names', () => {
    expect(faults({ ...withProperty({ type: 'string', default: 'a\0' }), 'b\0': 1 })).toEqual([
      's.properties.a.default cannot hold the character U+0000',
      's["b\\u0000"] cannot hold the character U+0000',
    ]);
  });

  test('more levels than are allowed', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    const schema = (levels: number) => ({ type: 'object', properties: {}, default: nested(levels - 1) });
    expect(faults(schema(ACTIVITY_SCHEMA_LIMITS.levels))).toEqual([]);
    expect(faults(schema(ACTIVITY_SCHEMA_LIMITS.levels + 1))).toEqual(['s must have at most 50 levels of objects and lists']);
  });

  test('more bytes than are allowed, counted as UTF-8', () => {
    const schema = (title: string) => ({ type: 'object', properties: {}, title });
    const room = ACTIVITY_SCHEMA_LIMITS.bytes - JSON.stringify(schema('')).length;
    expect(faults(schema('x'.repeat(room)))).toEqual([]);
    expect(faults(schema('x'.repeat(room + 1)))).toEqual(['s must have at most 65536 bytes as JSON']);
    expect(faults(schema('é'.repeat(room / 2 + 1)))).toHaveLength(1);
  });
});

test('any JSON object is either taken or refused in words, and quickly', () => {
  const keyword = fc.constantFrom('type', 'properties', 'patternProperties', '$ref', 'pattern', 'required', 'minProperties');
  const { value: anything } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom('object', 'string', '#/a', 'http://a', '('),
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(keyword, fc.string()), tie('value'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keyword, anything), (schema) => {
      for (const fault of faults(schema)) expect(fault).toMatch(/^s.* (must|needs|cannot|is beyond) /s);
    }),
    { seed: 5, numRuns: 2_000 },
  );
});
