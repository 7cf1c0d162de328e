/** P8 as the specification says it: which positions are served, and why others are not. */
import { channelName } from '../../../src/domain/channel.ts';
import type { Ledger } from './ledger.ts';

/** What `connected` must say: that the position is served, or one of these reasons. No reasons: none was given. */
export interface Expectation {
  readonly resumed: boolean;
  readonly reasons: ReadonlySet<string>;
}

/** One part of a position. */
export interface Part {
  readonly name: string;
  readonly seq: number;
  readonly tag: string;
}

const MAX_PARTS = 8;
const MAX_CHARACTERS = 1024;

/** Reads a position by its grammar (P6). @returns undefined when the text is none. */
export function readPosition(text: string): Part[] | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const parts: Part[] = [];
  for (const cursor of text.split('~')) {
    const [name = '', digits = '', tag = '', ...rest] = cursor.split('.');
    const seq = Number(digits);
    const wellFormed = /^[a-z][\w-]{0,31}$/.test(name) && name === name.toLowerCase() && /^[\w-]{1,22}$/.test(tag);
    if (rest.length > 0 || !wellFormed || !/^\d+$/.test(digits) || String(seq) !== digits || !Number.isSafeInteger(seq))
      return undefined;
    parts.push({ name, seq, tag });
  }
  const names = new Set(parts.map(({ name }) => name));
  return names.size < parts.length || parts.length > MAX_PARTS ? undefined : parts;
}

/** What the log as it is now lets a server say of a position. */
export function expectationOf(ledger: Ledger, channels: readonly string[], position: string | undefined): Expectation {
  if (position === undefined) return { resumed: false, reasons: new Set() };
  const parts = readPosition(position);
  if (!parts) return { resumed: false, reasons: new Set(['malformed']) };
  const reasons = new Set(parts.flatMap((part) => refusal(ledger, channels, part) ?? []));
  return { resumed: reasons.size === 0, reasons };
}

function refusal(ledger: Ledger, channels: readonly string[], { name, seq, tag }: Part): string | undefined {
  const channel = channels.find((key) => channelName(key) === name);
  if (channel === undefined || seq > ledger.head(channel)) return 'unknown_history';
  const isHead = seq === ledger.head(channel);
  // Number 0 has no row: it can be served as long as number 1 is kept.
  const kept = isHead || ledger.floor(channel) <= Math.max(seq, 1);
  if (!kept) return 'expired';
  return ledger.tag(channel, seq) === tag ? undefined : 'unknown_history';
}
