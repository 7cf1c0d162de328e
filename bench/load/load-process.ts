import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import type { Answer, Orders } from './process.ts';

const PROGRAM = new URL('process.ts', import.meta.url);

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

type Order<Name extends keyof Orders> = Parameters<Orders[Name]>[0];
type Result<Name extends keyof Orders> = Awaited<ReturnType<Orders[Name]>>;

/** A handle of a load generator's process: orders go there, answers come back. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #orders = 0;

  /** @param niceness of the process: 19 keeps it from those who measure. Source: nice(1). */
  constructor(niceness = 0) {
    this.#child = fork(PROGRAM, { execArgv: ['--conditions=source'], serialization: 'advanced' });
    if (niceness > 0 && this.#child.pid !== undefined) setPriority(this.#child.pid, niceness);
    this.#child.on('message', (message: Answer) => this.#take(message));
    this.#child.on('exit', (code, signal) => this.#fail(new Error(`A process of the load ended with ${signal ?? code}.`)));
  }

  /** Has the process do something. Rejects with what it threw, or when it ends. */
  call<Name extends keyof Orders>(name: Name, order: Order<Name>): Promise<Result<Name>> {
    const id = ++this.#orders;
    return new Promise((resolve, reject) => {
      // The process answers each order with what `Orders` says; between processes there are no types.
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
      this.#child.send({ id, name, order }, (error) => error && this.#fail(error));
    });
  }

  /** Ends the process and with it its connections. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #take({ id, answer, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(answer);
    else waiting?.reject(new Error(error));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
