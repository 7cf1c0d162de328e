/** The load generator's process: it does what its parent orders, one answer an order, and ends with it. */
import { type ChurnOrder, churn } from './churn.ts';
import { Clients, type ConnectOrder, type TakeOrder } from './clients.ts';
import { type FollowOrder, Jitter, type JitterOrder, type ReachOrder } from './jitter.ts';
import { Returning, type ReturnOrder } from './returning.ts';
import type { TallyOptions } from './tally.ts';
import { type WriteOrder, write } from './writers.ts';

/** What may be ordered, by name. */
export type Orders = ReturnType<typeof handlers>;

/** What travels to the process. */
export interface Call {
  readonly id: number;
  readonly name: keyof Orders;
  readonly order: unknown;
}

/** What comes back. */
export interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

function handlers() {
  const clients = new Clients();
  const returning = new Returning();
  const unsteady = new Jitter();
  return {
    connect: (order: ConnectOrder) => clients.connect(order),
    start: (options: TallyOptions) => clients.start(options),
    take: (order: TakeOrder) => clients.take(order),
    each: () => clients.each(),
    pause: () => clients.pause(),
    resume: () => clients.resume(),
    cut: () => clients.cut(),
    write: (order: WriteOrder) => write(order),
    churn: (order: ChurnOrder) => churn(order),
    follow: (order: FollowOrder) => unsteady.follow(order),
    jitter: (order: JitterOrder) => unsteady.suffer(order),
    reach: (order: ReachOrder) => unsteady.reach(order),
    open: (order: ReturnOrder) => returning.open(order),
    returned: (order: { readonly withinMs: number }) => returning.report(order.withinMs),
  } as const;
}

function main(): void {
  const known = handlers();
  process.on('message', ({ id, name, order }: Call) => {
    // The types of orders are known to the parent, which is ours: they travel as plain values.
    const handle = known[name] as (order: unknown) => unknown;
    const send = (answer: Omit<Answer, 'id'>) => process.send?.({ id, ...answer });
    Promise.try(() => handle(order)).then(
      (answer) => send({ answer }),
      (error: unknown) => send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}

if (import.meta.main) main();
