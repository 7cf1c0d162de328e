import type { Rest } from './rest.ts';

const REGISTRATIONS_AT_ONCE = 50;

/** Access tokens of that many new users. */
export function newUsers(rest: Rest, count: number): Promise<string[]> {
  return inBatches(count, REGISTRATIONS_AT_ONCE, (index) => rest.newUser(userName(index)));
}

/** Makes `count` things, so many at once, in order. */
export async function inBatches<T>(count: number, atOnce: number, make: (index: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const from = made.length;
    const size = Math.min(atOnce, count - from);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, offset) => make(from + offset)))));
  }
  return made;
}

/** A user name with a number in letters: names may not hold long runs of digits. */
export function userName(index: number): string {
  return `bench-${index.toString(26).replace(/[0-9]/g, (digit) => String.fromCharCode(113 + Number(digit)))}`;
}
