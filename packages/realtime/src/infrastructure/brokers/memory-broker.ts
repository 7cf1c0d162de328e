import type { Broker } from '../../domain/ports.ts';

/** The broker of a single node: there is nobody else to wake. */
export class MemoryBroker implements Broker {
  publish(): void {}

  subscribe(): void {}

  async ready(): Promise<boolean> {
    return true;
  }

  async close(): Promise<void> {}
}
