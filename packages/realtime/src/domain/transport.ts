/** One peer's socket, as the service sees it. */
export interface Transport {
  /** The peer's address, for the log. */
  readonly address: string;
  /** The key by which limits count that address. */
  readonly addressKey: string;
  /** Whether bytes may be written: false from the write that filled the buffer until {@link TransportEvents.onDrain}. */
  readonly writable: boolean;
  /** Between the two, writes are gathered; `uncork` sends them in one. */
  cork(): void;
  uncork(): void;
  /** Queues ready WebSocket frames. */
  write(frames: Uint8Array): void;
  /** Sends a close frame after what is queued; the socket ends when the peer answers, or shortly after. */
  close(code: number, reason: string): void;
  /** Ends the socket at once. */
  terminate(): void;
}

/** What transports tell, shared by all of them; `Peer` is what the service gave the transport to name its connection. */
export interface TransportEvents<Peer> {
  /** A text frame, at most 16 KiB. */
  onText(peer: Peer, text: string): void;
  /** A binary frame. */
  onBinary(peer: Peer): void;
  onPing(peer: Peer, payload: Uint8Array): void;
  onPong(peer: Peer, payload: Uint8Array): void;
  /** What was queued is in the kernel's hands. */
  onDrain(peer: Peer): void;
  /** The socket has ended; `code` is 1006 when the peer sent no close frame. */
  onClose(peer: Peer, code: number): void;
}
