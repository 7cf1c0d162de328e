import type { Certificate } from './certificate.ts';

/** Where a proxy is to stand. */
export interface Place {
  /** Its own, for all that it writes. */
  readonly folder: string;
  /** For TLS, and for the plain HTTP of those who come to the wrong door. */
  readonly ports: { readonly tls: number; readonly plain: number };
  /** The server behind it, as `127.0.0.1:8000`. */
  readonly upstream: string;
  readonly certificate: Certificate;
}

/** How a proxy is run in the foreground. */
export interface Command {
  readonly args: readonly string[];
  /** All that it has written about requests and faults so far. */
  log(): string;
}
