/**
 * What a client does after a close, by ranges of codes, so that a new code needs no new client. Source: section "Closing" of
 * SPEC.md; codes below 3000 are those of RFC 6455, section 7.4, and its registry.
 */

/** What a client does after a close. */
export const ClosePolicy = {
  /** The connection was ended on purpose: stay closed, without an error. */
  Stop: 'stop',
  /** Coming back would end the same way: stay closed and tell the application. */
  StopWithError: 'stop_with_error',
  /** Ask for a token: with another one come back, with the same one stay closed and tell the application. */
  NewToken: 'new_token',
  /** Come back with growing, random pauses. */
  Backoff: 'backoff',
  /** Come back at once, after a short random pause. */
  AtOnce: 'at_once',
} as const;
export type ClosePolicy = (typeof ClosePolicy)[keyof typeof ClosePolicy];

/** One line of the table: the codes `from` to `to`, both included. */
export interface CloseRange {
  readonly from: number;
  readonly to: number;
  readonly policy: ClosePolicy;
}

/** The first range that holds a code decides; {@link OTHER_CLOSE_POLICY} where none does. */
export const CLOSE_RANGES: readonly CloseRange[] = [
  { from: 4001, to: 4001, policy: ClosePolicy.NewToken },
  { from: 4003, to: 4003, policy: ClosePolicy.NewToken },
  { from: 4000, to: 4099, policy: ClosePolicy.StopWithError },
  { from: 4100, to: 4199, policy: ClosePolicy.Backoff },
  { from: 4200, to: 4299, policy: ClosePolicy.AtOnce },
  { from: 1000, to: 1000, policy: ClosePolicy.Stop },
  { from: 1001, to: 1001, policy: ClosePolicy.Backoff },
  { from: 1006, to: 1006, policy: ClosePolicy.Backoff },
  { from: 1011, to: 1013, policy: ClosePolicy.Backoff },
  { from: 1002, to: 1003, policy: ClosePolicy.StopWithError },
  { from: 1007, to: 1010, policy: ClosePolicy.StopWithError },
];

/** For a code that no range names, such as 1005 (a close frame without a code): staying away for good would be silence. */
export const OTHER_CLOSE_POLICY: ClosePolicy = ClosePolicy.Backoff;

/** What a client does after a close with this code. 1006 stands for a link that broke without a close frame. */
export function closePolicy(code: number): ClosePolicy {
  return CLOSE_RANGES.find(({ from, to }) => from <= code && code <= to)?.policy ?? OTHER_CLOSE_POLICY;
}
