import { type ProtocolErrorCode, protocolError } from '@friday/protocol';

interface RealtimeErrorOptions {
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A fault of the real-time layer, by its code in the protocol's table. Knows no HTTP and no socket. */
export class RealtimeError extends Error {
  override readonly name = 'RealtimeError';
  readonly code: ProtocolErrorCode;
  /** Milliseconds that the peer should wait, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ProtocolErrorCode, message: string = protocolError(code).message, options: RealtimeErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}
