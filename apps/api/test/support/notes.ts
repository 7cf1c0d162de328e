/** Notes, written and counted as a test of delivery needs it. */
import type { Notification } from '@friday/protocol';
import { expect } from 'vitest';
import type { Request } from './rest.ts';

/** Most notes in one page of the list. */
const PAGE = 100;
/** What a proxy says of a server that is gone. */
const BAD_GATEWAY = 502;

export interface Writing {
  readonly token: string;
  /** Requests that are made. */
  readonly count: number;
  /** Requests that are under way at the same time; 1 unless given. */
  readonly atOnce?: number;
  /** Called with the number of notes acknowledged so far, right after each. */
  readonly onAcknowledged?: (total: number) => void;
}

/**
 * Posts notes until enough requests were made or the server is gone.
 * @returns ids of the notes that were acknowledged with a 201. What was under way when the server went may exist or not.
 * @throws Error at any other answer.
 */
export async function writeNotes(request: Request, { token, count, atOnce = 1, onAcknowledged }: Writing): Promise<number[]> {
  const acknowledged: number[] = [];
  let left = count;
  const write = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await request('POST', '/v1/notes', { token, body: { content: `Note ${left}` } }).catch(unreachable);
      if (answer === undefined || answer.status === BAD_GATEWAY) return;
      if (answer.status !== 201) throw new Error(`A note was answered with ${answer.status}: ${answer.text}`);
      acknowledged.push(Number(answer.body.data['id']));
      onAcknowledged?.(acknowledged.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, write));
  return acknowledged;
}

/** All notes that a user's list has, by id, ascending. */
export async function listedNotes(request: Request, token: string): Promise<number[]> {
  const ids: number[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const { body } = await request('GET', `/v1/notes?size=${PAGE}&page=${page}`, { token });
    ids.push(...(body.data['items'] as { id: number }[]).map(({ id }) => id));
    pages = Number(body.data['pages']);
  }
  return ids.toSorted((a, b) => a - b);
}

/** The ids in a user's announcements, all of which must be of created notes. */
export function announcedNotes(notifications: readonly Notification[]): number[] {
  return notifications.map(({ type, resource }) => {
    if (type !== 'note.created') throw new Error(`${type} was announced; only notes were created.`);
    return Number(resource?.id);
  });
}

/**
 * What the promise comes down to (P10): announced is what is stored, each note once and in the order of the commits, which is that of
 * the ids; and all that was acknowledged is among it.
 */
export function expectAgreement(found: { announced: number[]; listed: number[]; acknowledged: number[] }): void {
  const { announced, listed, acknowledged } = found;
  expect(announced).toEqual(listed);
  expect(acknowledged.filter((id) => !announced.includes(id))).toEqual([]);
}

/** fetch rejects with a TypeError when the connection breaks, and with nothing else here. */
function unreachable(error: unknown): undefined {
  if (error instanceof TypeError) return undefined;
  throw error;
}
