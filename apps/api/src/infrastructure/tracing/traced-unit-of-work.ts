import type { OwnUnitOfWork } from '../database/unit-of-work.ts';
import type { CommitSpans, Work } from './commit-spans.ts';

/** Units of work, each in a span of its own where it is part of a trace. */
export class TracedUnitOfWork implements OwnUnitOfWork {
  readonly #inner: OwnUnitOfWork;
  readonly #spans: CommitSpans;

  constructor(inner: OwnUnitOfWork, spans: CommitSpans) {
    this.#inner = inner;
    this.#spans = spans;
  }

  run<T>(work: Work<T>): Promise<T> {
    return this.#spans.unit(work, (watched) => this.#inner.run(watched));
  }

  settled(): Promise<void> {
    return this.#inner.settled();
  }
}
