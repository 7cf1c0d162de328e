import { expect, test } from 'vitest';
import { ERRORS, errorTable, FridayError } from './errors.ts';

test('an entry says only what is unusual of it', () => {
  const table = errorTable({ gone: { message: 'Gone', status: 410 }, later: { message: 'Later', status: 503, retryable: true } });
  expect(table.gone).toEqual({ code: 'gone', message: 'Gone', status: 410, retryable: false, detail: 'text' });
  expect(table.later.retryable).toBe(true);
});

test('parameters are filled in once; what has none stays', () => {
  const { sum } = errorTable({ sum: { message: '{a} and {b} make {c}', status: 400 } });
  expect(new FridayError(sum, { params: { a: '{b}', b: 2 } }).message).toBe('{b} and 2 make {c}');
});

test('detail is text, an object, or what is given', () => {
  const { plain, coded } = errorTable({
    plain: { message: 'Plain', status: 400 },
    coded: { message: 'Coded {x}', status: 400, detail: 'coded' },
  });
  expect(new FridayError(plain).detail).toBe('Plain');
  expect(new FridayError(coded, { params: { x: 1 }, extra: { x: 1 } }).detail).toEqual({
    message: 'Coded 1',
    code: 'coded',
    x: 1,
  });
  expect(new FridayError(plain, { detail: ['own'] }).detail).toEqual(['own']);
});

test('the cause is kept for the log', () => {
  const cause = new Error('why');
  expect(new FridayError(ERRORS.INTERNAL_ERROR, { cause }).cause).toBe(cause);
  expect(Object.hasOwn(new FridayError(ERRORS.INTERNAL_ERROR), 'cause')).toBe(false);
});
