/** Positions that no server gave out. */

const NO_POSITIONS = [
  '',
  '~',
  'user',
  'user.1',
  'user.01.AAAAAAAA',
  'user.-1.AAAAAAAA',
  'User.1.AAAAAAAA',
  'user.1.AAAAAAAA.',
  'user.1e3.AA',
  'x'.repeat(1025),
];

type Forgery = (position: string) => string;

const FORGERIES: readonly Forgery[] = [
  (position) => position.replace(/\.(\d+)\./, (_, seq: string) => `.${Number(seq) + 1}.`),
  (position) => position.replace(/\.(\d+)\./, (_, seq: string) => `.${Math.max(0, Number(seq) - 1)}.`),
  (position) => position.replace(/[^.]+$/, 'AAAAAAAA'),
  (position) => position.replace(/\.\d+\./g, '.0.'),
  (position) => position.replace(/\.\d+\./, '.9007199254740991.'),
  (position) => position.replace(/\.\d+\./, '.9007199254740993.'),
  (position) => `${position}~other.3.AAAAAAAA`,
  (position) => `${position}~${position}`,
  // A position may leave channels out, and name them in any order: these two can be served.
  (position) => position.split('~').slice(1).join('~'),
  (position) => position.split('~').toReversed().join('~'),
];

/** The forgery with this number, made from a position that was right. */
export function forge(position: string | undefined, pick: number): string {
  const forgery = position === undefined ? undefined : FORGERIES[pick % (FORGERIES.length + NO_POSITIONS.length)];
  return forgery && position !== undefined ? forgery(position) : (NO_POSITIONS[pick % NO_POSITIONS.length] ?? '');
}
