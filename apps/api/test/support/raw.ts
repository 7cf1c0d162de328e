import { connect } from 'node:net';

/** Sends bytes as they are over a connection of their own. @returns what came back until the server ended it. */
export function sendRaw(serverUrl: string, text: string): Promise<string> {
  const { hostname, port } = new URL(serverUrl);
  return new Promise((resolve, reject) => {
    const chunks: string[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text, 'latin1'));
    socket.on('data', (chunk) => chunks.push(chunk.toString()));
    socket.on('close', () => resolve(chunks.join('')));
    socket.on('error', reject);
  });
}

/** Cuts an HTTP answer into its status and its JSON body. */
export function readRaw(answer: string): { status: number; head: string; body: unknown } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: body === '' ? undefined : JSON.parse(body) };
}
