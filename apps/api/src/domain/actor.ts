/** Who asks for something. */
export interface Actor {
  /** UUID of the user. */
  readonly userId: string;
  /** The client's own name for itself (`Friday-Client-Id`), so that it can know its own echoes; rule P18. */
  readonly origin: string | undefined;
}
