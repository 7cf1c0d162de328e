/** A disk without room: writes are refused whole, reads go on, and all is well again when there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needs } from '../../../../test/support/needs.ts';
import { openLive } from '../support/live-socket.ts';
import { announcedNotes, expectAgreement, listedNotes } from '../support/notes.ts';
import { type Answer, registerUser } from '../support/rest.ts';
import { type Server, ServerHost } from '../support/server-host.ts';

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
test.runIf(canMount())('[I1] [P10] where the disk is full, nothing is written by halves', { timeout: 60_000 }, async () => {
  const folder = join(host.folder, 'small-disk');
  const filler = join(folder, 'filler');
  mkdirSync(folder);
  run('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder);
  try {
    await fillAndFree({
      folder,
      takeRoom: () => writeFileSync(filler, Buffer.alloc(1_300_000)),
      giveRoom: () => rmSync(filler),
    });
  } finally {
    await host.killAll();
    run('umount', folder);
  }
});

/** Tries it where nobody sees it, and where it ends with the program. */
function canMount(): boolean {
  try {
    run('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir());
    return true;
  } catch {
    return false;
  }
}

/** Throws where the program is not there, or fails. */
function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}

function limitFiles(pid: number, bytes: number | 'unlimited'): void {
  run(String(prlimit), '--pid', String(pid), `--fsize=${bytes}:unlimited`);
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
