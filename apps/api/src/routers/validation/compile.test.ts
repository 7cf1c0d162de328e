import fc from 'fast-check';
import Type, { type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { Choice, FreeObject, InputTime, Nullable, NullableFreeObject } from '../../schemas/common.ts';
import { compileReader } from './compile.ts';
import { type Fault, Faults } from './faults.ts';

function read(schema: TSchema, input: unknown): { value: unknown; faults: readonly Fault[] } {
  const faults = new Faults();
  const value = compileReader(schema)(input, ['body'], faults);
  return { value, faults: faults.list };
}

const fault = (schema: TSchema, input: unknown) => read(schema, input).faults[0];

describe('integers', () => {
  const limited = Type.Integer({ minimum: 1, maximum: 10 });

  test.each([
    [5, 5],
    ['5', 5],
    ['+5', 5],
    [' 5 ', 5],
    ['05', 5],
    [5.0, 5],
    ['5.0', 5],
    ['5.', 5],
  ])('%j is %j', (input, value) => {
    expect(read(limited, input)).toEqual({ value, faults: [] });
  });

  test.each([
    [5.5, 'int_from_float'],
    ['5.5', 'int_parsing'],
    ['', 'int_parsing'],
    ['five', 'int_parsing'],
    ['1e1', 'int_parsing'],
    ['0x5', 'int_parsing'],
    ['5 5', 'int_parsing'],
    [null, 'int_type'],
    [true, 'int_type'],
    [[5], 'int_type'],
    [0, 'greater_than_equal'],
    [11, 'less_than_equal'],
  ])('%j is a fault of type %s', (input, type) => {
    expect(fault(limited, input)).toMatchObject({ type, loc: ['body'], input });
  });

  test('limits are told', () => {
    expect(fault(limited, 0)).toMatchObject({ msg: 'Input should be greater than or equal to 1', ctx: { ge: 1 } });
    expect(fault(limited, 11)).toMatchObject({ msg: 'Input should be less than or equal to 10', ctx: { le: 10 } });
    const positive = Type.Integer({ exclusiveMinimum: 0 });
    expect(fault(positive, 0)).toMatchObject({ type: 'greater_than', msg: 'Input should be greater than 0', ctx: { gt: 0 } });
    expect(read(positive, 1).faults).toEqual([]);
  });

  test('what no table can hold is as good as its greatest number', () => {
    expect(read(Type.Integer(), '99999999999999999999').value).toBe(Number.MAX_SAFE_INTEGER);
    expect(read(Type.Integer(), '-99999999999999999999').value).toBe(Number.MIN_SAFE_INTEGER);
    expect(read(Type.Integer(), Number.POSITIVE_INFINITY).value).toBe(Number.MAX_SAFE_INTEGER);
    expect(fault(limited, '9'.repeat(400))).toMatchObject({ type: 'less_than_equal' });
  });
});

describe('texts', () => {
  test('lengths count code points', () => {
    const text = Type.String({ minLength: 2, maxLength: 3 });
    expect(read(text, '👋👋👋').faults).toEqual([]);
    expect(fault(text, '👋')).toMatchObject({ type: 'string_too_short', msg: 'String should have at least 2 characters' });
    expect(fault(text, '👋👋👋👋')).toMatchObject({ type: 'string_too_long', msg: 'String should have at most 3 characters' });
    expect(fault(text, 'abcdefgh')).toMatchObject({ type: 'string_too_long', ctx: { max_length: 3 } });
    expect(fault(Type.String({ minLength: 1 }), '')).toMatchObject({ msg: 'String should have at least 1 character' });
  });

  test('half a pair is no text', () => {
    expect(fault(Type.String(), '\udc00')).toMatchObject({ type: 'string_unicode' });
  });

  test('U+0000 is in no text', () => {
    expect(fault(Type.String({ minLength: 9 }), 'a\0b')).toEqual({
      type: 'string_null',
      loc: ['body'],
      msg: 'Input cannot hold the character U+0000',
      input: 'a\0b',
    });
  });

  test('patterns', () => {
    expect(fault(Type.String({ pattern: '^a+$' }), 'b')).toEqual({
      type: 'string_pattern_mismatch',
      loc: ['body'],
      msg: "String should match pattern '^a+$'",
      input: 'b',
      ctx: { pattern: '^a+$' },
    });
  });

  test('choices', () => {
    expect(fault(Choice(['a']), 'A')).toMatchObject({ type: 'enum', msg: "Input should be 'a'", ctx: { expected: "'a'" } });
    expect(fault(Choice(['a', 'b']), 1)).toMatchObject({ msg: "Input should be 'a' or 'b'" });
    expect(fault(Choice(['a', 'b', 'c']), null)).toMatchObject({ ctx: { expected: "'a', 'b' or 'c'" } });
  });
});

test('times', () => {
  expect(read(InputTime, '2030-01-01').value).toEqual({ ms: Date.parse('2030-01-01'), zoned: false });
  expect(fault(InputTime, '')).toEqual({
    type: 'datetime_from_date_parsing',
    loc: ['body'],
    msg: 'Input should be a valid datetime or date, input is too short',
    input: '',
    ctx: { error: 'input is too short' },
  });
  expect(fault(InputTime, '20300101T000000')).toMatchObject({ ctx: { error: 'invalid date or time' } });
  expect(fault(InputTime, true)).toMatchObject({ type: 'datetime_type', msg: 'Input should be a valid datetime' });
});

describe('objects and lists', () => {
  const schema = Type.Object({
    id: Type.Integer(),
    name: Type.Optional(Type.String()),
    size: Type.Integer({ default: 50 }),
    list: Type.Optional(Type.Array(Type.Object({ inner: Type.Integer() }))),
  });

  test('only what the schema names is read, and defaults are filled in', () => {
    expect(read(schema, { id: '7', other: 1, list: [{ inner: 1.0, x: 1 }] })).toEqual({
      value: { id: 7, size: 50, list: [{ inner: 1 }] },
      faults: [],
    });
    expect(read(schema, { id: 1, toString: 1 }).faults).toEqual([]);
  });

  test('every fault is found, each at its place', () => {
    const { faults } = read(schema, { name: 1, size: 'x', list: [{}, 1, { inner: 'x' }] });
    expect(faults.map(({ type, loc }) => [type, ...loc])).toEqual([
      ['missing', 'body', 'id'],
      ['string_type', 'body', 'name'],
      ['int_parsing', 'body', 'size'],
      ['missing', 'body', 'list', 0, 'inner'],
      ['model_attributes_type', 'body', 'list', 1],
      ['int_parsing', 'body', 'list', 2, 'inner'],
    ]);
  });

  test('unknown properties are refused where the schema says so', () => {
    const strict = Type.Object({ a: Type.Optional(Type.String()) }, { additionalProperties: false });
    expect(read(strict, { a: 'x', b: 1, toString: 2 }).faults).toEqual([
      { type: 'extra_forbidden', loc: ['body', 'b'], msg: 'Extra inputs are not permitted', input: 1 },
      { type: 'extra_forbidden', loc: ['body', 'toString'], msg: 'Extra inputs are not permitted', input: 2 },
    ]);
  });

  test('free objects are left as they are', () => {
    const input = { any: [1, { thing: null }] };
    expect(read(FreeObject, input).value).toBe(input);
    for (const other of [1, [], null, 'x']) expect(fault(FreeObject, other)).toMatchObject({ type: 'dict_type' });
  });

  test('null passes where it may', () => {
    expect(read(Nullable(Type.String()), null)).toEqual({ value: null, faults: [] });
    expect(read(Nullable(Type.Integer()), '3').value).toBe(3);
    expect(read(NullableFreeObject, null).value).toBeNull();
    expect(fault(Nullable(Type.Integer()), 'x')).toMatchObject({ type: 'int_parsing' });
  });

  test('a secret is not sent back, under whatever name it came', () => {
    const secret = Type.Object({ key: Type.String({ writeOnly: true }), id: Type.Integer() });
    const { faults } = read(secret, { key: 1, yek: 'hush' });
    expect(faults.map(({ input }) => input)).toEqual([null, {}]);
    expect(read(secret, 'hush').faults[0]?.input).toBeNull();
  });
});

test('a schema that nothing reads stops the start', () => {
  for (const schema of [Type.Boolean(), Type.Number(), Type.Unknown(), Type.Union([Type.String(), Type.Integer()])]) {
    expect(() => compileReader(schema)).toThrow('No reader for the schema');
  }
});

describe('for every value', () => {
  const schema = Type.Object({
    id: Type.Integer({ minimum: 1 }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 5 })),
    kind: Type.Optional(Choice(['a', 'b'])),
    free: Type.Optional(NullableFreeObject),
    list: Type.Optional(Type.Array(Nullable(Type.Integer()))),
  });
  const names = fc.constantFrom('id', 'name', 'kind', 'free', 'list');
  const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('a', 1, '2', {}, [], [null, 1]));
  const inputs = fc.oneof(fc.jsonValue(), fc.dictionary(names, values));

  test('what is read without a fault is of the schema, by an independent judge', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { value, faults } = read(schema, input);
        return faults.length > 0 || Value.Check(schema, value);
      }),
      { numRuns: 2000 },
    );
  });

  test('what is of the schema already is read as it is', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const text = String(JSON.stringify(input));
        if (!Value.Check(schema, input) || !text.isWellFormed() || text.includes('\\u0000')) return true;
        const { value, faults } = read(schema, input);
        return faults.length === 0 && Value.Check(schema, value);
      }),
      { numRuns: 2000 },
    );
  });
});
