/** A disk without room: writes are refused whole, reads go on, and all is well again when there is room. */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../../../../test/support/needs.ts';
import { friday } from '../support/command.ts';
import { openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes } from '../support/notes.ts';
import { type Answer, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';
import { SmallDisk } from '../support/small-disk.ts';

/** Somewhere to keep data, where room can be taken and given back. */
interface Place {
  readonly folder: string;
  takeRoom(server: Server): void;
  giveRoom(server: Server): void;
}

const prlimit = needs('prlimit');
let host: ServerHost;

beforeEach(() => {
  host = new ServerHost();
});
afterEach(() => host.end());

test.skipIf(prlimit === undefined)('[I1] [P10] where files may not grow, nothing is written by halves', { timeout: 60_000 }, () =>
  fillAndFree({
    folder: host.folder,
    takeRoom: ({ pid }) => limitFiles(pid, 400_000),
    giveRoom: ({ pid }) => limitFiles(pid, 'unlimited'),
  }),
);

// Only those who may mount have a disk that can be filled. All others have the test above, which SQLite meets with another error.
describe.skipIf(!SmallDisk.possible())('a disk that is full', () => {
  let disk: SmallDisk;

  beforeEach(() => {
    disk = new SmallDisk(join(host.folder, 'small-disk'));
  });
  afterEach(async () => {
    await host.killAll();
    disk.unmount();
  });

  test('[I1] [P10] where the disk is full, nothing is written by halves', { timeout: 60_000 }, () =>
    fillAndFree({
      folder: disk.folder,
      takeRoom: () => disk.leaveRoom(400_000),
      giveRoom: () => disk.giveRoom(),
    }),
  );

  test('[P10] killed while the disk is full: it starts all the same, can be read, and loses nothing', {
    timeout: 60_000,
  }, async () => {
    const settings = { FRIDAY_DATA_DIR: disk.folder };
    const first = await host.start(settings);
    const { token } = await registerUser(first.request);
    const { position } = await openLive(first.url, { token });
    disk.leaveRoom(400_000);
    const answers = await writeUntilFull(first, token);
    const acknowledged = answers.flatMap(({ status, body }) => (status === 201 ? Number(body.data['id']) : []));
    await first.kill();

    const second = await host.start(settings);
    expect(await listedNotes(second.request, token)).toEqual(acknowledged.toSorted((a, b) => a - b));
    await host.killAll();

    disk.giveRoom();
    const third = await host.start(settings);
    const listed = await listedNotes(third.request, token);
    const resumed = await openLive(third.url, { token, cursor: position });
    expectAgreement({ announced: announcedNotes(resumed.notifications), listed, acknowledged });
    expect((await write(third, token)).status).toBe(201);
    await third.stop();
  });

  test('a backup for which there is no room is refused and leaves nothing behind; the server goes on', {
    timeout: 60_000,
  }, async () => {
    const settings = { FRIDAY_DATA_DIR: disk.folder };
    const server = await host.start(settings);
    const { token } = await registerUser(server.request);
    for (let notes = 0; notes < 8; notes += 1) expect((await write(server, token)).status).toBe(201);
    disk.leaveRoom(100_000);
    const files = readdirSync(disk.folder);
    const { exitCode, out } = await friday(['backup', join(disk.folder, 'monday.db'), '--json'], settings);
    expect([exitCode, JSON.parse(out).error.code]).toEqual([1, 'failed']);
    expect(out).toMatch(/full/);
    expect(readdirSync(disk.folder)).toEqual(files);
    expect((await write(server, token)).status).toBe(201);
    disk.giveRoom();
    expect(await friday(['backup', join(disk.folder, 'monday.db')], settings)).toMatchObject({ exitCode: 0 });
    expect(await friday(['check', join(disk.folder, 'monday.db')], settings)).toMatchObject({ exitCode: 0 });
  });
});

function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  execFileSync(String(prlimit), ['--pid', String(pid), `--fsize=${bytes}:unlimited`], { stdio: 'pipe' });
}

async function fillAndFree({ folder, takeRoom, giveRoom }: Place): Promise<void> {
  const first = await host.start({ FRIDAY_DATA_DIR: folder });
  const { token } = await registerUser(first.request);
  const follower = await openLive(first.url, { token });
  const start = follower.position;

  takeRoom(first);
  const answers = await writeUntilFull(first, token);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(new Set(refused.map(({ status, body }) => `${status} ${body.error?.code}`))).toEqual(
    new Set(['503 storage_unavailable']),
  );
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  const acknowledged = answers.flatMap(({ status, body }) => (status === 201 ? Number(body.data['id']) : []));
  expect(await listedNotes(first.request, token)).toEqual(acknowledged.toSorted((a, b) => a - b));

  giveRoom(first);
  const afterwards = await write(first, token);
  expect(afterwards.status).toBe(201);
  acknowledged.push(Number(afterwards.body.data['id']));
  const live = announcedNotes(await follower.first(acknowledged.length));
  expectAgreement({ announced: live, listed: await listedNotes(first.request, token), acknowledged });

  await first.kill();
  const second = await host.start({ FRIDAY_DATA_DIR: folder });
  const resumed = await openLive(second.url, { token, cursor: start });
  expect(announcedNotes(resumed.notifications)).toEqual(live);
  await second.stop();
}

function write({ request }: Server, token: string): Promise<Answer> {
  return request('POST', '/v1/notes', { token, body: { content: 'x'.repeat(9_000) } });
}

/** Writes several at once, which are committed together, until some are refused. */
async function writeUntilFull(server: Server, token: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.every(({ status }) => status === 201)) {
    if (answers.length > 1_000) throw new Error('The disk does not get full.');
    answers.push(...(await Promise.all(Array.from({ length: 8 }, () => write(server, token)))));
  }
  return answers;
}
