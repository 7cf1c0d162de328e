/**
 * The candidate that differs from a word by the fewest changed, missing or added letters.
 * Source: Levenshtein, "Binary codes capable of correcting deletions, insertions, and reversals", 1966.
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates.map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }));
  return ranked.toSorted((a, b) => a.distance - b.distance)[0]?.candidate;
}

function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
