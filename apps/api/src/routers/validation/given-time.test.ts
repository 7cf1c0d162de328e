import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGivenTime } from './given-time.ts';

const at = (text: string, zoned = true) => ({ ms: Date.parse(text), zoned });

test.each([
  ['2030-01-02T03:04:05Z', at('2030-01-02T03:04:05Z')],
  ['2030-01-02T03:04:05.678901Z', at('2030-01-02T03:04:05.678Z')],
  ['2030-01-02T03:04:05,5z', at('2030-01-02T03:04:05.500Z')],
  ['2030-01-02t03:04Z', at('2030-01-02T03:04:00Z')],
  ['2030-01-02 03:04:05', at('2030-01-02T03:04:05Z', false)],
  ['2030-01-02T03:04', at('2030-01-02T03:04:00Z', false)],
  ['2030-01-02', at('2030-01-02T00:00:00Z', false)],
  ['2030-01-02T03:04:05+05:30', at('2030-01-01T21:34:05Z')],
  ['2030-01-02T03:04:05-0230', at('2030-01-02T05:34:05Z')],
  ['2030-01-02T03:04:05 +00:00', at('2030-01-02T03:04:05Z')],
  ['2024-02-29', at('2024-02-29T00:00:00Z', false)],
  ['2040-01-19T03:14:08Z', at('2040-01-19T03:14:08Z')],
  ['9999-12-31T23:59:59Z', at('9999-12-31T23:59:59Z')],
  ['0000-01-01', at('0000-01-01T00:00:00Z', false)],
  ['1893456000', at('2030-01-01T00:00:00Z')],
  ['1893456000000', at('2030-01-01T00:00:00Z')],
  ['1893456000.25', at('2030-01-01T00:00:00.250Z')],
  ['-1', at('1969-12-31T23:59:59Z')],
  [1_893_456_000, at('2030-01-01T00:00:00Z')],
  [1_893_456_000_000, at('2030-01-01T00:00:00Z')],
  [0, at('1970-01-01T00:00:00Z')],
])('%j is a time', (text, expected) => {
  expect(readGivenTime(text)).toEqual(expected);
});

test.each([
  '',
  ' ',
  'tomorrow',
  '20300101T030405Z',
  '2030-1-2',
  '2030-02-30',
  '2023-02-29',
  '2030-13-01',
  '2030-00-10',
  '2030-01-00',
  '2030-01-02T24:00:00Z',
  '2030-01-02T03',
  '2030-01-02T03:60Z',
  '2030-01-02T03:04:60Z',
  '2030-01-02T03:04:05+24:00',
  '2030-01-02T03:04:05+05:60',
  '2030-01-02T03:04:05+5',
  '2030-01-02Z',
  '+2030-01-02',
  '12030-01-02',
  '9999-12-31T23:59:59-01:00',
  '0000-01-01T00:00:00+01:00',
  '1e9',
  '0x10',
  '99999999999999999',
  Number.POSITIVE_INFINITY,
  Number.NaN,
  1e300,
])('%j is none', (text) => {
  expect(readGivenTime(text)).toBeUndefined();
});

describe('for every instant', () => {
  const instants = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-30'), noInvalidDate: true });

  test('its ISO form is read back, whatever the zone it is written in', () => {
    const offsets = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    fc.assert(
      fc.property(instants, offsets, (instant, offset) => {
        const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
        fc.pre(/^\d{4}-/.test(local));
        const [sign, distance] = [offset < 0 ? '-' : '+', Math.abs(offset)];
        const zone = `${sign}${String(Math.floor(distance / 60)).padStart(2, '0')}:${String(distance % 60).padStart(2, '0')}`;
        expect(readGivenTime(local + zone)).toEqual({ ms: instant.getTime(), zoned: true });
      }),
    );
  });

  test('what is taken has a form on the wire', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)), (given) => {
        const read = readGivenTime(given);
        return read === undefined || /^\d{4}-/.test(new Date(read.ms).toISOString());
      }),
    );
  });
});
