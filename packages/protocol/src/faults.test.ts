import Type, { type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { expect, test } from 'vitest';
import { describeFaults, faultSentence } from './faults.ts';

const SCHEMA = Type.Object({
  name: Type.String({ minLength: 2, maxLength: 4 }),
  count: Type.Integer({ minimum: 1 }),
  share: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  kind: Type.Optional(Type.Literal('note')),
  words: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z]+$' }), { maxItems: 2 })),
  time: Type.Optional(Type.String({ format: 'date-time' })),
  id: Type.Optional(Type.Union([Type.Integer(), Type.String({ maxLength: 3 })])),
});
const GOOD = { name: 'abc', count: 1 };

function faultsOf(value: unknown, schema: TSchema = SCHEMA) {
  return describeFaults(Compile(schema).Errors(value));
}

test('a valid value has no faults', () => {
  expect(faultsOf(GOOD)).toEqual([]);
});

test.each([
  ['/name', 'must be a string', { name: 7 }],
  ['/name', 'must be at least 2 characters', { name: 'a' }],
  ['/name', 'must be at most 4 characters', { name: 'abcde' }],
  ['/count', 'must be an integer', { count: 1.5 }],
  ['/count', 'must be at least 1', { count: 0 }],
  ['/share', 'must be greater than 0', { share: 0 }],
  ['/share', 'must be a number', { share: '1' }],
  ['/kind', 'must be "note"', { kind: 'task' }],
  ['/words', 'must be an array', { words: 'a' }],
  ['/words', 'must have at most 2 items', { words: ['a', 'b', 'c'] }],
  ['/words/1', 'must match ^[a-z]+$', { words: ['a', 'B'] }],
  ['/time', 'must be a valid date-time', { time: 'now' }],
  ['/id', 'must be an integer, or must be a string', { id: null }],
  ['/id', 'must be an integer, or must be at most 3 characters', { id: 'abcd' }],
])('%s %s', (field, message, wrong) => {
  expect(faultsOf({ ...GOOD, ...wrong })).toEqual([{ field, message }]);
});

test('every missing field is named, with the characters that a JSON pointer escapes', () => {
  expect(faultsOf({}, Type.Object({ 'a/b': Type.String(), 'c~d': Type.String() }))).toEqual([
    { field: '/a~1b', message: 'is required' },
    { field: '/c~0d', message: 'is required' },
  ]);
});

test('every field that is not known is named where none may be', () => {
  expect(faultsOf({ x: 1, y: 2 }, Type.Object({}, { additionalProperties: false }))).toEqual([
    { field: '/x', message: 'is not known here' },
    { field: '/y', message: 'is not known here' },
  ]);
});

test('the whole value is named by an empty pointer', () => {
  expect(faultsOf([])).toEqual([{ field: '', message: 'must be an object' }]);
});

test('an empty text is called so', () => {
  expect(faultsOf('', Type.String({ minLength: 1 }))).toEqual([{ field: '', message: 'must not be empty' }]);
});

test('a constraint that has no words of its own is still a fault', () => {
  expect(faultsOf(3, Type.Integer({ multipleOf: 2 }))).toEqual([{ field: '', message: 'is not valid' }]);
});

test('several types are joined', () => {
  expect(faultsOf(true, Type.Unsafe<string | number>({ type: ['string', 'integer'] }))).toEqual([
    { field: '', message: 'must be a string or an integer' },
  ]);
});

test('faults make one sentence', () => {
  const faults = [
    { field: '/a', message: 'is required' },
    { field: '', message: 'must be an object' },
  ];
  expect(faultSentence('Not so', faults)).toBe('Not so: /a is required; it must be an object.');
});
