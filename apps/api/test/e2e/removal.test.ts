/** A removal that the end of the process interrupts is finished at the next start. */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { registerUser } from '../support/rest.ts';
import { ServerHost } from '../support/server-host.ts';

const NOTES = 60_000;
const PUT_NOTES = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
  INSERT INTO notes (user_id, content, attachments, processing_status, created_at, version)
  SELECT ?1, 'a note', '[]', 'pending', 0, 1 FROM n`;

let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test('[P20] killed in the middle, it has taken the tokens, and the next start takes the rest', { timeout: 60_000 }, async () => {
  const first = await host.start();
  const { id, token, userSecret } = await registerUser(first.request);
  const other = await registerUser(first.request);
  await first.request('POST', '/v1/notes', { token, body: { content: 'announced' } });
  await first.stop();
  const file = new DatabaseSync(host.database);
  file.prepare(PUT_NOTES).run(id, NOTES);
  file.close();

  const second = await host.start();
  // Its answer never comes: the process is killed before.
  const answer = second.request('DELETE', '/v1/auth/me', { token }).catch(() => 'none');
  const watched = new DatabaseSync(host.database, { readOnly: true });
  const notes = () => Number(watched.prepare('SELECT count(*) AS rows FROM notes').get()?.['rows']);
  await eventually('removal under way', () => notes() <= NOTES - 1_000);
  const exchange = await second.request('POST', '/v1/auth/token', { body: { user_secret: userSecret } });
  const refused = await second.request('GET', '/v1/notes', { token });
  const served = await second.request('GET', '/v1/notes', { token: other.token });
  expect([exchange.status, refused.status, served.status]).toEqual([401, 401, 200]);
  await second.kill();
  expect(await answer).toBe('none');
  expect(notes()).toBeGreaterThan(0);

  const third = await host.start();
  expect(notes()).toBe(0);
  expect(watched.prepare('SELECT id FROM users').all()).toEqual([{ id: other.id }]);
  expect(watched.prepare('SELECT key FROM realtime_channel').all()).toEqual([{ key: 'revocation' }]);
  watched.close();
  expect((await third.request('GET', '/v1/notes', { token: other.token })).status).toBe(200);
});
