/**
 * A WebSocket client in a process of its own, so that it can be stopped as a suspended laptop is, or stand in a network of its own. It
 * connects whenever it is told to, from the position that it has, and leaves the connection before to itself. It writes a line for each
 * notification (`note SEQ`), for `live`, for each `heartbeat` and close (`closed CODE`), and when nothing came for two heartbeats (`silent`, P16).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.ts';

const PROGRAM = `
  const [url, token] = process.argv.slice(1);
  const position = new Map();
  let current;
  let alarm;
  let patience = 60_000;
  function expectMore() {
    clearTimeout(alarm);
    alarm = setTimeout(() => console.log('silent'), patience);
  }
  function connect() {
    current?.close();
    const socket = new WebSocket(url);
    current = socket;
    const cursor = [...position.values()].join('~') || undefined;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'authenticate', token, cursor }));
    socket.onmessage = ({ data }) => {
      if (socket !== current) return;
      const message = JSON.parse(data);
      if (message.type === 'connected') patience = 2_000 * message.heartbeat_seconds;
      expectMore();
      for (const part of message.cursor?.split('~') ?? []) position.set(part.split('.')[0], part);
      if (message.seq) console.log('note ' + message.seq);
      if (message.type === 'live' || message.type === 'heartbeat') console.log(message.type);
    };
    socket.onclose = ({ code }) => {
      if (socket === current) clearTimeout(alarm);
      console.log('closed ' + code);
    };
  }
  process.stdin.on('data', connect);
  connect();
`;

export class ClientProcess {
  /** What it wrote, line by line. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;

  /** @param before what to put before the command, such as what has it run elsewhere. */
  constructor(serverUrl: string, token: string, before: readonly string[] = []) {
    const url = `${serverUrl.replace('http', 'ws')}/v1/ws`;
    const [program = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', PROGRAM, url, token];
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', (line) => this.lines.push(line));
  }

  /** Numbers of the notifications that it got, in the order of their arrival. */
  get numbers(): number[] {
    return this.lines.filter((line) => line.startsWith('note ')).map((line) => Number(line.slice(5)));
  }

  /** Resolves once it has written that line so many times. */
  async wrote(line: string, times = 1): Promise<void> {
    await eventually(`${line}, ${times} times`, () => this.lines.filter((written) => written === line).length >= times);
  }

  /** Stops the process: the kernel goes on to answer for it, nobody reads. */
  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  wakeUp(): void {
    this.#child.kill('SIGCONT');
  }

  /** Has it connect once more, from its position. */
  reconnect(): void {
    this.#child.stdin?.write('\n');
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
