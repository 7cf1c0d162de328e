/** The example service, run from the packed packages as a stranger runs it, with a customer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const SERVER = resolve(import.meta.dirname, '../../examples/orders/server.ts');
const TOKEN = 'token-of-ann';

/** A frame, as far as the tests look at it. */
export interface ShopFrame {
  readonly type: string;
  readonly cursor: string;
  readonly data?: { readonly id: number };
}

export class PackedShop {
  readonly #child: ChildProcess;
  readonly #port: number;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /** Starts it in a project that has the packages; its orders are kept in that folder. */
  static async start(folder: string): Promise<PackedShop> {
    copyFileSync(SERVER, join(folder, 'server.ts'));
    const { PATH } = process.env;
    const child = spawn(process.execPath, ['server.ts'], {
      cwd: folder,
      env: { PATH, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return new PackedShop(child, JSON.parse(line).port);
  }

  /** Places an order. @returns its number. */
  async order(item: string): Promise<number> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`http://127.0.0.1:${this.#port}/`, { method: 'POST', headers, body: item });
    if (answer.status !== 201) throw new Error(`The shop answered ${answer.status}.`);
    return JSON.parse(await answer.text()).id;
  }

  /** All that a customer gets from a position, or from now on, until `live`. */
  async framesUntilLive(cursor?: string): Promise<ShopFrame[]> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/v1/ws`);
    const frames: ShopFrame[] = [];
    socket.on('open', () => socket.send(JSON.stringify({ type: 'authenticate', token: TOKEN, cursor })));
    await new Promise<void>((live, failed) => {
      socket.on('error', failed);
      socket.on('close', () => failed(new Error('The connection ended before live.')));
      socket.on('message', (data) => {
        const frame: ShopFrame = JSON.parse(String(data));
        frames.push(frame);
        if (frame.type === 'live') live();
      });
    });
    socket.terminate();
    return frames;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
