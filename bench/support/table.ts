/** One measured figure beside its target. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** At most this, where there is a target. */
  readonly target?: number;
}

/** Plain text, one line a row. */
export function renderTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, value, unit, target }) => {
    const verdict = target === undefined ? '' : `  (target: at most ${target} ${unit})`;
    return `${what.padEnd(60)} ${value.toFixed(2).padStart(10)} ${unit}${verdict}\n`;
  });
  return lines.join('');
}
