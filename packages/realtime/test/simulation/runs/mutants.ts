/** Deliberate bugs: each is one change of the code, that a simulation worth its name finds. */

export interface Mutant {
  readonly name: string;
  /** Path below `src`. */
  readonly file: string;
  /** Text that occurs once in the file, and what takes its place. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a slice begins one frame late',
    file: 'service/delivery/chunk.ts',
    find: 'const from = after + 1 - this.first;',
    replace: 'const from = after + 2 - this.first;',
  },
  {
    name: 'the tag of a cursor is not compared',
    file: 'service/connections/start.ts',
    find: 'if (located.tag !== tag) return',
    replace: 'if (located.tag === undefined) return',
  },
  {
    name: 'live comes when one channel has reached its head',
    file: 'service/connections/connection.ts',
    find: 'this.subscriptions.every(({ seq, target }) => seq >= target)',
    replace: 'this.subscriptions.some(({ seq, target }) => seq >= target)',
  },
  {
    name: 'the window never closes',
    file: 'service/delivery/window.ts',
    find: 'return this.#size - (this.#sent - this.#read);',
    replace: 'return this.#size;',
  },
  {
    name: 'a pong confirms what was sent after its ping',
    file: 'service/delivery/window.ts',
    find: 'this.#read = this.#mark;',
    replace: 'this.#read = this.#sent;',
  },
  {
    name: 'the cache takes a frame that does not follow',
    file: 'service/delivery/frame-cache.ts',
    find: 'if (!chunk || entry.seq > chunk.next) chunk =',
    replace: 'if (!chunk) chunk =',
  },
  {
    name: 'the cache never evicts',
    file: 'service/delivery/frame-cache.ts',
    find: 'while (this.#bytes > this.#maxBytes) {',
    replace: 'while (this.#bytes > 1e9) {',
  },
  {
    name: 'a connection that resumes starts at the head',
    file: 'service/connections/opening.ts',
    find: '[{ connection, channel, seq, tag, target: head }]',
    replace: '[{ connection, channel, seq: head, tag, target: head }]',
  },
  {
    name: 'heads that were read before a connection followed its channels are not looked at',
    file: 'service/connections/opening.ts',
    find: 'for (const { channel, head } of start.places) hub.wake({ channel, seq: head });',
    replace: '',
  },
  {
    name: 'a gap in what is kept is skipped',
    file: 'service/delivery/frame-loader.ts',
    find: "return seq > head ? 'ahead' : 'gone';",
    replace: "return 'ahead';",
  },
  {
    name: 'units of one commit are numbered in another order',
    file: 'infrastructure/change-log.ts',
    find: 'units.flatMap((unit)',
    replace: '[...units].reverse().flatMap((unit)',
  },
  {
    name: 'time falls within a channel when the clock is set back',
    file: 'infrastructure/change-log.ts',
    find: 'head_time = max(head_time, excluded.head_time)',
    replace: 'head_time = excluded.head_time',
  },
  {
    name: 'a head whose row is gone cannot be resumed from',
    file: 'infrastructure/change-log.ts',
    find: 'if (seq === row.seq) return { head, tag: row.tag };',
    replace: '',
  },
  {
    name: 'what a failed unit of work announced is announced',
    file: 'infrastructure/sqlite/group-commit.ts',
    find: 'if (!answer) continue;\n        answers.push(answer);',
    replace: 'if (answer) answers.push(answer);',
  },
  {
    name: 'retention keeps one row too few',
    file: 'infrastructure/retention.ts',
    find: 'let through = head - maxCount;',
    replace: 'let through = head - maxCount + 1;',
  },
  {
    name: 'a mass of changes is merged one too early',
    file: 'infrastructure/merge-masses.ts',
    find: 'if (mass === undefined || count <= LIMITS.changesOfOneKind) return [notification];',
    replace: 'if (mass === undefined || count < LIMITS.changesOfOneKind) return [notification];',
  },
  {
    name: 'a channel is forgotten while others follow it',
    file: 'service/channel-hub.ts',
    find: 'if (channel.users === 0)',
    replace: 'if (channel.users <= 1)',
  },
  {
    name: 'only the first wake-up of a channel counts',
    file: 'service/channel-hub.ts',
    find: 'channel.head = seq;\n    this.#deps.onAdvance(channel);',
    replace: 'if (channel.head === 0) this.#deps.onAdvance(channel);\n    channel.head = seq;',
  },
  {
    name: 'no full comparison after the clock was set',
    file: 'service/channel-hub.ts',
    find: 'return elapsed > RECENT_MS / 2 || Math.abs(drift) > RECENT_MS / 2;',
    replace: 'return false;',
  },
  {
    name: 'a head that moves during a pass is forgotten',
    file: 'service/delivery/pump.ts',
    find: 'return pass.head === channel.head;',
    replace: 'return true;',
  },
  {
    name: 'the position keeps the tag of an earlier notification',
    file: 'service/delivery/pump.ts',
    find: 'subscription.tag = slice.tag;',
    replace: '',
  },
  {
    name: 'a connection is not looked at when its buffer has drained',
    file: 'service/websocket-service.ts',
    find: 'connection.blockedSince = undefined;\n    this.#pump.wake(connection);',
    replace: 'connection.blockedSince = undefined;',
  },
  {
    name: 'a reader that never stops is taken for one that does',
    file: 'service/websocket-service.ts',
    find: 'connection.blockedSince = undefined;\n    this.#pump.wake(connection);',
    replace: 'this.#pump.wake(connection);',
  },
  {
    name: 'a connection outlives its token by a second',
    file: 'service/connections/sweep.ts',
    find: "if (wall >= (principal?.expiresAt ?? 0)) return 'token_expired';",
    replace: "if (wall >= (principal?.expiresAt ?? 0) + 1000) return 'token_expired';",
  },
  {
    name: 'a ping that waits counts as a write',
    file: 'service/delivery/pump.ts',
    find: 'let wrote = false;\n    const pingDue',
    replace: 'let wrote = connection.controlDue;\n    const pingDue',
  },
  {
    name: 'a wrong wake-up is believed for ever',
    file: 'service/channel-hub.ts',
    find: 'if (channel.head === 0) return;',
    replace: 'if (channel.head >= 0) return;',
  },
  {
    name: 'a peer that is prepared in vain takes its channels along',
    file: 'service/connections/opening.ts',
    find: 'for (const channel of channels) this.#deps.hub.release(channel);\n  }\n\n  /** Subscribes',
    replace: 'for (const channel of [...channels, ...channels]) this.#deps.hub.release(channel);\n  }\n\n  /** Subscribes',
  },
  {
    name: 'tokens that are still good are revoked too',
    file: 'service/connections/closing.ts',
    find: 'if ((connection.principal?.generation ?? 0) < generation) this.fail',
    replace: 'this.fail',
  },
  {
    name: 'revocations that could not be read are not read again',
    file: 'service/revocations.ts',
    find: 'if (this.#seq < this.#channel.head) void this.advance();',
    replace: '',
  },
  {
    name: 'a token that was revoked while its connection opened is let in',
    file: 'service/revocations.ts',
    find: 'return generation < (this.#recent.get(userId)?.generation ?? 0);',
    replace: 'return false;',
  },
  {
    name: 'a wrong wake-up hides the revocations that follow',
    file: 'service/revocations.ts',
    find: 'if (!head || head.seq <= this.#seq) return hub.correct(this.#channel);',
    replace: 'if (!head || head.seq <= this.#seq) return void (this.#seq = this.#channel.head);',
  },
  {
    name: 'a drain forgets the last connection',
    file: 'service/connections/drain.ts',
    find: 'for (const connection of connections.slice(closed, due)) close(connection);',
    replace: 'for (const connection of connections.slice(closed, due - 1)) close(connection);',
  },
];
