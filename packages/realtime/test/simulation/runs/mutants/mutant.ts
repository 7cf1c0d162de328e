/** A deliberate bug: one change of the code, that a simulation worth its name finds. */
export interface Mutant {
  readonly name: string;
  /** Path below `src`. */
  readonly file: string;
  /** Text that occurs once in the file, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}
