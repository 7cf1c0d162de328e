import type { Broker } from '../../domain/ports.ts';

/** The broker of a single node: there is nobody else to wake. */
export class MemoryBroker implements Broker {
  publish(): void {
    // Nobody listens.
  }

  subscribe(): void {
    // Nobody speaks.
  }

  async ready(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
