/** Spans of what a request sets off behind the service: its unit of work, the COMMIT, the wake-up of those who follow. */
import type { GroupCommitDeps, LogEntry, Transaction } from '@friday/realtime';
import { context, ROOT_CONTEXT, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { recordFailure } from './failures.ts';

/** Work in a transaction. */
export type Work<T> = (tx: Transaction) => Promise<T>;

/**
 * Follows units of work that are asked for within a recorded span; of all others it makes none. Several units share a COMMIT, whatever
 * traces they belong to: its span is a child of the first, so that it is kept if any is, and linked with all of them both ways.
 */
export class CommitSpans {
  readonly #tracer: Tracer;
  readonly #units = new WeakMap<Transaction, Span>();
  readonly #commits = new WeakMap<Transaction, Span>();
  /** The one under way: groups are committed one after the other. */
  #commit: Span | undefined;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /**
   * Runs a unit in a span that begins now, when it is queued; its event `started` is when its turn has come.
   * @param run queues the work and runs it in a transaction.
   */
  async unit<T>(work: Work<T>, run: (work: Work<T>) => Promise<T>): Promise<T> {
    const asked = context.active();
    // Whoever was queued first has set the group going, and its context is not this unit's.
    if (!trace.getSpan(asked)?.isRecording()) return run((tx) => context.with(asked, work, undefined, tx));
    const span = this.#tracer.startSpan('unit of work', undefined, asked);
    const within = trace.setSpan(asked, span);
    let transaction: Transaction | undefined;
    try {
      return await run((tx) => {
        transaction = tx;
        this.#units.set(tx, span);
        span.addEvent('started');
        return context.with(within, work, undefined, tx);
      });
    } catch (error) {
      recordFailure(span, error);
      if (transaction) this.#commitFailed(transaction, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** Follows the groups: to be given to the group commit in place of `deps`. */
  watch(deps: GroupCommitDeps): GroupCommitDeps {
    return {
      ...deps,
      append: async (session, units) => {
        const entries = await deps.append(session, units);
        // The next statement is the COMMIT.
        this.#commit = this.#beginCommit(units);
        return entries;
      },
      onCommitted: (entries) => {
        const commit = this.#commit;
        commit?.end();
        if (commit && entries.length > 0) this.#wakeUp(commit, entries, deps.onCommitted);
        else deps.onCommitted(entries);
      },
    };
  }

  #beginCommit(units: readonly Transaction[]): Span | undefined {
    const spans = units.map((unit) => this.#units.get(unit)).filter((span) => span !== undefined);
    const [first] = spans;
    if (!first) return undefined;
    const attributes = { 'db.system.name': 'sqlite', 'db.operation.name': 'COMMIT', 'friday.units': units.length };
    const links = spans.length > 1 ? spans.map((span) => ({ context: span.spanContext() })) : [];
    const commit = this.#tracer.startSpan(
      'COMMIT',
      { kind: SpanKind.CLIENT, attributes, links },
      trace.setSpan(ROOT_CONTEXT, first),
    );
    for (const span of spans.slice(1)) span.addLink({ context: commit.spanContext() });
    for (const unit of units) this.#commits.set(unit, commit);
    return commit;
  }

  /** A COMMIT that fails is told to nobody but to its units, one by one: the first ends the span. */
  #commitFailed(unit: Transaction, error: unknown): void {
    const commit = this.#commits.get(unit);
    if (!commit?.isRecording()) return;
    recordFailure(commit, error);
    commit.end();
  }

  #wakeUp(commit: Span, entries: LogEntry[], onCommitted: (entries: LogEntry[]) => void): void {
    const channels = new Set(entries.map(({ channel }) => channel)).size;
    const attributes = { 'friday.notifications': entries.length, 'friday.channels': channels };
    const span = this.#tracer.startSpan('wake-up', { attributes }, trace.setSpan(ROOT_CONTEXT, commit));
    try {
      context.with(trace.setSpan(ROOT_CONTEXT, span), onCommitted, undefined, entries);
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
}
