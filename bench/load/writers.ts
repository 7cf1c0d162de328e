/** Writers: each sends `POST /v1/notes` over a connection of its own, with the time of its sending as the origin of the change. */
import { connect, type Socket } from 'node:net';
import { now, stamp } from './clock.ts';
import { Samples } from './samples.ts';

export interface WriteOrder {
  readonly port: number;
  /** Whose notes they are, in turn. */
  readonly tokens: readonly string[];
  /** How many write at once. */
  readonly writers: number;
  readonly forMs: number;
  /** Notes a second of all writers together, whatever the answers do; absent: each writes again as soon as it is answered. */
  readonly perSecond?: number;
  /** How many notes at most. Default: as many as the time allows. */
  readonly count?: number;
}

export interface WriteReport {
  /** Notes that were answered with 201. */
  readonly written: number;
  readonly tookMs: number;
  /** Milliseconds from request to answer. With a pace: from when the request was due. */
  readonly latencies: Float64Array;
  /** Answers with another status, and connections that ended: by what they were. */
  readonly failures: Readonly<Record<string, number>>;
}

const CONTENT = 'A note of a hundred characters or so, which is what people write down between two other things.';
const BODY = JSON.stringify({ content: CONTENT });
const CREATED = '201';

/** Writes until the time is up, and waits for the last answers. */
export async function write(order: WriteOrder): Promise<WriteReport> {
  const start = now();
  const run = new Run(order, start);
  const writers = Array.from({ length: order.writers }, () => new Writer(order.port, run));
  await Promise.all(writers.map(({ connected }) => connected));
  run.begin(writers);
  await run.ended;
  for (const writer of writers) writer.end();
  return run.report(now() - start);
}

/** What all writers of an order share: what is due, and what came of it. */
class Run {
  readonly ended: Promise<void>;
  readonly #order: WriteOrder;
  readonly #idle: Writer[] = [];
  readonly #latencies = new Samples();
  readonly #failures: Record<string, number> = {};
  readonly #until: number;
  #started = 0;
  #sent = 0;
  #done = 0;
  #written = 0;
  #end: () => void = () => undefined;

  constructor(order: WriteOrder, start: number) {
    this.#order = order;
    this.#until = start + order.forMs;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  begin(writers: readonly Writer[]): void {
    this.#started = now();
    this.#idle.push(...writers);
    this.#feed();
  }

  /** Told by a writer that it was answered, or that its connection ended: `failure`. */
  answered(writer: Writer, dueAt: number, failure: string | undefined): void {
    this.#done++;
    if (failure === undefined) {
      this.#written++;
      this.#latencies.add(now() - dueAt);
    } else this.#failures[failure] = (this.#failures[failure] ?? 0) + 1;
    this.#idle.push(writer);
    if (this.#order.perSecond === undefined) this.#feed();
    else if (this.#over && this.#done === this.#sent) this.#end();
  }

  report(tookMs: number): WriteReport {
    return { written: this.#written, tookMs, latencies: this.#latencies.take(), failures: this.#failures };
  }

  get #over(): boolean {
    return now() >= this.#until || this.#sent >= (this.#order.count ?? Number.POSITIVE_INFINITY);
  }

  /** Gives idle writers what is due. */
  #feed(): void {
    const { perSecond, tokens } = this.#order;
    while (!this.#over && this.#idle.length > 0) {
      const dueAt = perSecond === undefined ? now() : this.#started + (this.#sent * 1000) / perSecond;
      if (dueAt > now()) break;
      const writer = this.#idle.shift();
      writer?.write(tokens[this.#sent % tokens.length] ?? '', dueAt);
      this.#sent++;
    }
    if (this.#over && this.#done === this.#sent) this.#end();
    else if (perSecond !== undefined && !this.#over) setTimeout(() => this.#feed(), 1);
  }
}

class Writer {
  readonly connected: Promise<void>;
  readonly #run: Run;
  readonly #port: number;
  #socket: Socket;
  #answer = '';
  #dueAt: number | undefined;

  constructor(port: number, run: Run) {
    this.#port = port;
    this.#run = run;
    this.#socket = this.#connect();
    this.connected = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('error', reject);
    });
  }

  write(token: string, dueAt: number): void {
    this.#dueAt = dueAt;
    if (this.#socket.destroyed) this.#socket = this.#connect();
    this.#socket.write(
      `POST /v1/notes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n` +
        `Authorization: Bearer ${token}\r\nFriday-Client-Id: ${stamp()}\r\n\r\n${BODY}`,
    );
  }

  end(): void {
    this.#socket.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#finish('connection'));
    return socket;
  }

  #receive(text: string): void {
    this.#answer += text;
    const head = this.#answer.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#answer)?.[1]);
    if (this.#answer.length < head + 4 + length) return;
    const status = this.#answer.slice(9, 12);
    this.#answer = '';
    this.#finish(status === CREATED ? undefined : status);
  }

  #finish(failure: string | undefined): void {
    const dueAt = this.#dueAt;
    if (dueAt === undefined) return;
    this.#dueAt = undefined;
    this.#run.answered(this, dueAt, failure);
  }
}
