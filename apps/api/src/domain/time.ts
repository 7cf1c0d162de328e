/** A point in time as a client gave it. */
export interface GivenTime {
  /** Milliseconds since 1970, UTC. */
  readonly ms: number;
  /** Whether the client named a zone; without one the text was read as UTC. */
  readonly zoned: boolean;
}

/** The wire's form of a time: ISO 8601 in UTC, whole seconds. @param ms milliseconds since 1970, years 0 to 9999. */
export function wireTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
