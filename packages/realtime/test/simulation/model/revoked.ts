import type { Principal } from '../../../src/domain/ports.ts';

interface Revocation {
  readonly userId: string;
  readonly generation: number;
  /** Its number in the channel of revocations. */
  readonly seq: number;
}

/** Which tokens have been declared void (P20), and of which revocations the process has been told. */
export class Revoked {
  #revocations: readonly Revocation[] = [];
  #told = 0;

  /** The generation of tokens that is good now. */
  generation(userId: string): number {
    return latest(this.#revocations, userId);
  }

  /** A revocation is committed. */
  add(revocation: Revocation): void {
    this.#revocations = [...this.#revocations, revocation];
  }

  /** The process is told of all up to a number. @returns whether that is news. */
  hint(seq: number): boolean {
    const before = this.#told;
    this.#told = Math.max(before, Math.min(seq, this.#revocations.at(-1)?.seq ?? 0));
    return this.#told > before;
  }

  /** The process has had time to look by itself. @returns as {@link hint}. */
  hintAll(): boolean {
    return this.hint(Number.POSITIVE_INFINITY);
  }

  /** Whether a token is void. */
  ends({ userId, generation = 0 }: Principal): boolean {
    return generation < this.generation(userId);
  }

  /**
   * Whether the process knows that a token is void.
   * @param floor the oldest revocation that the log keeps: of an older one it can only know that it has missed it.
   */
  isKnownToEnd({ userId, generation = 0 }: Principal, floor: number): boolean {
    const told = this.#revocations.filter(({ seq }) => floor <= seq && seq <= this.#told);
    return generation < latest(told, userId);
  }

  /** What is true now, for {@link restore}. */
  snapshot(): readonly Revocation[] {
    return this.#revocations;
  }

  restore(then: readonly Revocation[]): void {
    this.#revocations = then;
  }

  /** Another process begins, which looks before it lets anybody in. */
  restart(): void {
    this.#told = 0;
  }
}

function latest(revocations: readonly Revocation[], userId: string): number {
  return revocations.findLast((revocation) => revocation.userId === userId)?.generation ?? 0;
}
