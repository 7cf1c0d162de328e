/** Whether what was announced, what was answered and what is stored are the same story. */
import type { Notification } from '@friday/protocol';
import type { Request } from '../../support/rest.ts';
import { KINDS, type Kind, type Ledger, type Operation } from './ledger.ts';
import { RESOURCES } from './writer.ts';

/** A resource, as its notifications tell of it. */
interface Told {
  readonly version: number;
  /** Name of the operation that gave it its text. */
  readonly text: string;
}

type Item = Readonly<Record<string, unknown>>;
const PAGE = 100;

/** Judges one user; what is wrong goes into the ledger. To be called when nobody writes and all connections have caught up. */
export async function judge(ledger: Ledger, request: Request, token: string): Promise<void> {
  const announced = ledger.announced;
  compareNumbers(ledger);
  compareTimes(ledger, announced);
  compareAnswers(ledger, announced);
  const told = tell(ledger, announced);
  for (const kind of KINDS) compareStored(ledger, kind, told, await listAll(request, RESOURCES[kind].path, token));
}

function compareNumbers(ledger: Ledger): void {
  for (let seq = 1; seq < ledger.frames.length; seq += 1) {
    if (ledger.frames[seq] === undefined) ledger.violation(`nobody was sent number ${seq}`);
  }
}

/** P14. */
function compareTimes(ledger: Ledger, announced: readonly Notification[]): void {
  let last = '';
  for (const { seq, time } of announced) {
    if (time < last) ledger.violation(`the time of number ${seq} is ${time}, after ${last}`);
    last = time;
  }
}

/** P10: what was acknowledged was announced once, what was refused never, and what got no answer once at most. */
function compareAnswers(ledger: Ledger, announced: readonly Notification[]): void {
  const byOrigin = Map.groupBy(announced, ({ origin }) => origin ?? '');
  for (const [origin, all] of byOrigin) {
    const operation = ledger.operations.get(origin);
    if (!operation) ledger.violation(`${JSON.stringify(all[0])} tells of nobody's request`);
    else compareOperation(ledger, operation, all);
  }
  for (const { name, outcome } of ledger.operations.values()) {
    if (outcome === 'acknowledged' && !byOrigin.has(name)) ledger.violation(`${name} was acknowledged, and not announced`);
  }
}

function compareOperation(ledger: Ledger, operation: Operation, announced: readonly Notification[]): void {
  const { name, kind, action, outcome } = operation;
  const main = announced.filter((notification) => isOf(operation, notification));
  // A task that referred to a note which is deleted is changed with it, after it.
  const others = announced.filter((notification) => !isOf(operation, notification));
  const maybe = kind === 'note' && action === 'deleted' && main.length === 1 && announced[0] === main[0];
  const strange = others.filter(({ type, changed }) => !maybe || type !== 'task.updated' || changed?.join() !== 'note_id');
  if (outcome === 'refused' || main.length !== 1 || strange.length > 0)
    ledger.violation(`${name}, ${outcome}, was announced as ${JSON.stringify(announced)}`);
  const version = main[0]?.resource?.version;
  if (operation.version !== undefined && version !== operation.version)
    ledger.violation(`${name} was answered with version ${operation.version} and announced with ${version}`);
}

function isOf({ kind, action, id }: Operation, { type, resource }: Notification): boolean {
  return type === `${kind}.${action}` && (id === undefined || resource?.id === id);
}

/** What exists, as the notifications tell it; each resource's versions rise by one. */
function tell(ledger: Ledger, announced: readonly Notification[]): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const { type, seq, resource, changed, origin = '' } of announced) {
    if (!resource) continue;
    const key = `${resource.kind} ${resource.id}`;
    const before = told.get(key);
    const created = type.endsWith('.created');
    if (created !== (before === undefined) || resource.version !== (before?.version ?? 0) + 1)
      ledger.violation(`number ${seq}, ${type} of ${key}, has version ${resource.version} after ${before?.version}`);
    if (type.endsWith('.deleted')) told.delete(key);
    else told.set(key, { version: resource.version, text: before && !hasText(changed) ? before.text : origin });
  }
  return told;
}

function hasText(changed: readonly string[] | undefined): boolean {
  return changed?.some((field) => field === 'content' || field === 'name') ?? false;
}

function compareStored(ledger: Ledger, kind: Kind, told: ReadonlyMap<string, Told>, stored: readonly Item[]): void {
  const { text } = RESOURCES[kind];
  const expected = [...told].filter(([key]) => key.startsWith(`${kind} `));
  const found = new Map(stored.map((item) => [`${kind} ${item['id']}`, { version: item['version'], text: item[text] }]));
  for (const [key, { version, text: words }] of expected) {
    const item = found.get(key);
    if (item?.version !== version || item.text !== words)
      ledger.violation(`${key} is stored as ${JSON.stringify(item)}, and was announced as version ${version} by ${words}`);
  }
  for (const key of found.keys()) if (!told.has(key)) ledger.violation(`${key} is stored, and was not announced`);
}

async function listAll(request: Request, path: string, token: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const { status, text, body } = await request('GET', `${path}?size=${PAGE}&page=${page}`, { token });
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${text}`);
    items.push(...(body.data['items'] as Item[]));
    pages = Number(body.data['pages']);
  }
  return items;
}
