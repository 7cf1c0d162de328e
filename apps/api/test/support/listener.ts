/** A frame as a client gets it. */
export interface Frame {
  readonly type: string;
  readonly channel?: string;
  readonly seq?: number;
  readonly cursor?: string;
  readonly resource?: { readonly kind: string; readonly id: number; readonly version: number; readonly href: string };
  readonly changed?: readonly string[];
  readonly origin?: string;
  readonly resumed?: boolean;
}

/** A live WebSocket that collects what it is sent. */
export interface Listener {
  /** The next notifications, in order, as many as asked for. Rejects after ten seconds. */
  next(count: number): Promise<readonly Frame[]>;
  close(): void;
}

const DEADLINE_MS = 10_000;

/** Connects, and resolves when the connection is live. @param cursor where to resume from. */
export async function listen(serverUrl: string, token: string, cursor?: string): Promise<Listener> {
  const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
  const socket = new WebSocket(`${serverUrl.replace('http', 'ws')}/v1/ws${query}`, ['friday.v1', `bearer.${token}`]);
  const frames: Frame[] = [];
  let live = false;
  let wake: (() => void) | undefined;
  socket.addEventListener('message', ({ data }) => {
    const frame: Frame = JSON.parse(String(data));
    if (frame.type === 'live') live = true;
    if (frame.seq !== undefined) frames.push(frame);
    wake?.();
  });
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Nothing came; so far ${JSON.stringify(frames)}.`)), DEADLINE_MS);
      wake = () => {
        if (!condition()) return;
        clearTimeout(timer);
        resolve();
      };
      wake();
    });
  await until(() => live);
  return {
    next: async (count) => {
      await until(() => frames.length >= count);
      return frames.splice(0, count);
    },
    close: () => socket.close(),
  };
}
