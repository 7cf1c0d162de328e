/** Readers of single values: each coerces what may be coerced, and names the fault where it may not. */
import type { TSchema } from 'typebox';
import { unkeepable } from '../../domain/json.ts';
import type { Fault } from './faults.ts';
import { readGivenTime } from './given-time.ts';

/** What reading gave: the value, or the fault without its place. */
export type Reading = { readonly value: unknown } | Omit<Fault, 'loc' | 'input'>;

/** Reads one value. */
export type ScalarReader = (input: unknown) => Reading;

/** The keywords of JSON Schema that the readers know. */
export interface Keywords {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** The reader for a scalar schema; undefined for a schema of another kind. */
export function scalarReader(schema: TSchema & Keywords, type: unknown): ScalarReader | undefined {
  // Null among the values is the business of whoever reads nullable schemas.
  if (schema.enum) return choiceReader(schema.enum.filter((value) => value !== null));
  if (type === 'string') return schema.format === 'date-time' ? readTime : textReader(schema);
  return type === 'integer' ? integerReader(schema) : undefined;
}

function choiceReader(values: readonly unknown[]): ScalarReader {
  const quoted = values.map((value) => `'${value}'`);
  const expected = [quoted.slice(0, -1).join(', '), ...quoted.slice(-1)].filter(Boolean).join(' or ');
  const fault = { type: 'enum', msg: `Input should be ${expected}`, ctx: { expected } };
  return (input) => (values.includes(input) ? { value: input } : fault);
}

const TIME_TYPE = { type: 'datetime_type', msg: 'Input should be a valid datetime' };

function readTime(input: unknown): Reading {
  if (typeof input !== 'string' && typeof input !== 'number') return TIME_TYPE;
  const value = readGivenTime(input);
  if (value) return { value };
  const error = String(input).length < 10 ? 'input is too short' : 'invalid date or time';
  return { type: 'datetime_from_date_parsing', msg: `Input should be a valid datetime or date, ${error}`, ctx: { error } };
}

function textReader({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: Keywords): ScalarReader {
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  return (input) => {
    if (typeof input !== 'string') return { type: 'string_type', msg: 'Input should be a valid string' };
    // Half a surrogate pair has no form in UTF-8, so it could not be stored as it was given.
    if (!input.isWellFormed()) return { type: 'string_unicode', msg: 'Input should be valid Unicode text' };
    const fault = unkeepable(input);
    if (fault) return { type: 'string_null', msg: `Input ${fault}` };
    if (!isAtLeast(input, minLength)) return lengthFault('short', 'at least', minLength);
    if (!isAtMost(input, maxLength)) return lengthFault('long', 'at most', maxLength);
    if (expression && !expression.test(input)) {
      return { type: 'string_pattern_mismatch', msg: `String should match pattern '${pattern}'`, ctx: { pattern } };
    }
    return { value: input };
  };
}

function lengthFault(what: 'short' | 'long', bound: string, limit: number): Reading {
  const msg = `String should have ${bound} ${limit} character${limit === 1 ? '' : 's'}`;
  return { type: `string_too_${what}`, msg, ctx: { [what === 'short' ? 'min_length' : 'max_length']: limit } };
}

/** Lengths are in code points. A code point is one or two UTF-16 units, so most texts need no count. */
function isAtMost(text: string, limit: number): boolean {
  return text.length <= limit || (text.length <= 2 * limit && codePoints(text) <= limit);
}

function isAtLeast(text: string, limit: number): boolean {
  return text.length >= 2 * limit || (text.length >= limit && codePoints(text) >= limit);
}

function codePoints(text: string): number {
  return [...text].length;
}

const INTEGER_TEXT = /^[+-]?\d+(?:\.0*)?$/;
const INTEGER_PARSING = { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer' };

function integerReader(limits: Keywords): ScalarReader {
  return (input) => {
    if (typeof input !== 'number' && typeof input !== 'string')
      return { type: 'int_type', msg: 'Input should be a valid integer' };
    if (typeof input === 'string' && !INTEGER_TEXT.test(input.trim())) return INTEGER_PARSING;
    const value = Number(input);
    if (Number.isFinite(value) && !Number.isInteger(value)) {
      return { type: 'int_from_float', msg: 'Input should be a valid integer, got a number with a fractional part' };
    }
    return boundFault(value, limits) ?? { value: clamp(value) };
  };
}

function boundFault(value: number, { exclusiveMinimum, minimum, maximum }: Keywords): Reading | undefined {
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return { type: 'greater_than', msg: `Input should be greater than ${exclusiveMinimum}`, ctx: { gt: exclusiveMinimum } };
  }
  if (minimum !== undefined && value < minimum) {
    return { type: 'greater_than_equal', msg: `Input should be greater than or equal to ${minimum}`, ctx: { ge: minimum } };
  }
  if (maximum !== undefined && value > maximum) {
    return { type: 'less_than_equal', msg: `Input should be less than or equal to ${maximum}`, ctx: { le: maximum } };
  }
  return undefined;
}

/** What is past the safe integers names no row and no page that exists, whatever its exact value. */
function clamp(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}
