import { Parser } from '@asyncapi/parser';
import { expect, test } from 'vitest';
import { asyncApiDocument } from './asyncapi.ts';
import { CLIENT_EXAMPLES, CONTROL_EXAMPLES, NOTIFICATION_EXAMPLES } from './examples.ts';

/** 3.0 is meant: more tools read it than the newest. */
const WANTED = new Set(['asyncapi-latest-version']);

async function parse(serverUrl?: string) {
  const document = asyncApiDocument({ version: '1.2.3', ...(serverUrl !== undefined && { serverUrl }) });
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  expect(diagnostics.filter(({ code }) => !WANTED.has(String(code)))).toEqual([]);
  if (!parsed) throw new Error('The document was not parsed.');
  return parsed;
}

test('the document is valid AsyncAPI 3.0, and its examples fit its schemas', async () => {
  const document = await parse();
  expect(document.version()).toBe('3.0.0');
  expect(document.info().version()).toBe('1.2.3');
});

test('every message stands there with its examples', async () => {
  const messages = (await parse()).channels().get('realtime')?.messages().all() ?? [];
  const types = [...Object.keys(CLIENT_EXAMPLES), ...Object.keys(CONTROL_EXAMPLES), 'notification'];
  expect(messages.map((message) => message.name()).sort()).toEqual(types.sort());
  const shown = messages.flatMap((message) => message.examples().all()).map((example) => example.payload());
  const all = [...Object.values(CLIENT_EXAMPLES), ...Object.values(CONTROL_EXAMPLES), ...NOTIFICATION_EXAMPLES];
  expect(shown).toHaveLength(all.length);
  expect(shown).toEqual(expect.arrayContaining(all));
});

test('every message is sent or received by an operation', async () => {
  const operations = (await parse()).operations().all();
  const directions = operations.map((operation) => [operation.id(), operation.action()]);
  expect(Object.fromEntries(directions)).toEqual({ authenticate: 'receive', ping: 'receive', notify: 'send', control: 'send' });
  const replies = operations.flatMap((operation) => operation.reply()?.messages().all() ?? []);
  const messages = [...operations.flatMap((operation) => operation.messages().all()), ...replies].map((message) =>
    message.name(),
  );
  const types = [...Object.keys(CLIENT_EXAMPLES), ...Object.keys(CONTROL_EXAMPLES), 'notification'];
  expect([...new Set(messages)].sort()).toEqual(types.sort());
});

test.each([
  [undefined, '127.0.0.1:8000', 'ws', undefined],
  ['http://localhost:9000', 'localhost:9000', 'ws', undefined],
  ['https://friday.example/', 'friday.example', 'wss', undefined],
  ['wss://example.org/base/', 'example.org', 'wss', '/base'],
])('the server at %s', async (url, host, protocol, path) => {
  const server = (await parse(url)).servers().get('friday');
  expect([server?.host(), server?.protocol(), server?.pathname()]).toEqual([host, protocol, path]);
  expect(server?.security()).toHaveLength(3);
});

test('what is no URL is refused', () => {
  expect(() => asyncApiDocument({ version: '1', serverUrl: 'friday' })).toThrow(TypeError);
});

test('the WebSocket binding and the close codes are told', async () => {
  const channel = (await parse()).channels().get('realtime');
  expect(channel?.address()).toBe('/v1/ws');
  expect(channel?.bindings().get('ws')?.value()).toMatchObject({ method: 'GET' });
  const extensions = channel?.extensions();
  expect(extensions?.get('x-close-codes')?.value()).toContainEqual({
    code: 4103,
    reason: 'too_slow',
    description: 'The peer reads too slowly.',
  });
  expect(extensions?.get('x-close-policy')?.value()).toContainEqual({ from: 4100, to: 4199, policy: 'backoff' });
});
