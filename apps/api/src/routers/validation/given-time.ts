import type { GivenTime } from '../../domain/time.ts';

const TIME_TEXT = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d\d:?\d\d)?)?$/;
const NUMBER_TEXT = /^[+-]?\d+(?:\.\d+)?$/;
/** Above it a number counts milliseconds, below it seconds: it is 2603 in seconds and 1970 in milliseconds. */
const SECONDS_LIMIT = 2e10;
const FIRST = Date.parse('0000-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/**
 * Reads a time that a client gave: ISO 8601 with `T` or a blank, seconds and fraction optional, `Z`, an offset or no zone (UTC); a
 * bare date (midnight); Unix seconds or milliseconds as a number or its digits.
 * @returns undefined where it is none of these, or no day of the calendar, or outside the years 0 to 9999.
 */
export function readGivenTime(value: string | number): GivenTime | undefined {
  const given = typeof value === 'number' || NUMBER_TEXT.test(value) ? fromNumber(Number(value)) : fromText(value);
  return given && given.ms >= FIRST && given.ms <= LAST ? given : undefined;
}

function fromNumber(value: number): GivenTime {
  const ms = Math.abs(value) > SECONDS_LIMIT ? value : value * 1000;
  return { ms: Math.round(ms), zoned: true };
}

function fromText(text: string): GivenTime | undefined {
  const match = TIME_TEXT.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = match;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  const offset = zone === undefined ? 0 : offsetMinutes(zone);
  // The platform lets 31 February pass as 2 or 3 March, and reads 24:00.
  if (Number.isNaN(local) || offset === undefined || new Date(local).getUTCDate() !== Number(day)) return undefined;
  return { ms: local - offset * 60_000, zoned: zone !== undefined };
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
