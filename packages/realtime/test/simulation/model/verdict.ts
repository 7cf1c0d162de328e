/** A rule that was broken, with what was seen. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly rule: string;

  constructor(rule: string, seen: string) {
    super(`[${rule}] ${seen}`);
    this.rule = rule;
  }
}

/**
 * Keeps the first violation until the driver asks. Most are seen inside a call of the code under test, which might catch what is
 * thrown there.
 */
export class Verdict {
  #first: Violation | undefined;

  /** Reports a violation of a rule, `P9` or `I4`. */
  report(rule: string, seen: string): void {
    this.#first ??= new Violation(rule, seen);
  }

  /** Reports a violation unless the condition holds. */
  expect(holds: boolean, rule: string, seen: () => string): void {
    if (!holds) this.report(rule, seen());
  }

  /** @throws Violation the first that was reported. */
  check(): void {
    if (this.#first) throw this.#first;
  }
}
