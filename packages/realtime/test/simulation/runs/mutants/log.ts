/** Deliberate bugs where numbers are given and kept: group commit, change log, retention. */
import type { Mutant } from './mutant.ts';

export const LOG_MUTANTS: readonly Mutant[] = [
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
    name: 'the hub hears of rows before they are committed',
    file: 'infrastructure/sqlite/group-commit.ts',
    find: "      session.run('COMMIT', []);\n    } catch",
    replace: "      onCommitted(entries);\n      session.run('COMMIT', []);\n    } catch",
  },
  {
    name: 'units are answered though their group was rolled back',
    file: 'infrastructure/sqlite/group-commit.ts',
    find: 'for (const unit of units) unit.fail(error);\n      if',
    replace: 'for (const answer of answers) answer();\n      if',
  },
  {
    name: 'a unit that fails leaves its data behind',
    file: 'infrastructure/sqlite/group-commit.ts',
    find: "session.run('ROLLBACK TO unit', []);",
    replace: '',
  },
  {
    name: 'a head moves by one, however many rows were added',
    file: 'infrastructure/change-log.ts',
    find: 'head_seq = head_seq + excluded.head_seq',
    replace: 'head_seq = head_seq + 1',
  },
  {
    name: 'rows of one commit have a number twice',
    file: 'infrastructure/change-log.ts',
    find: 'head.seq - contents.length + 1 + index',
    replace: 'head.seq - contents.length + Math.max(1, index)',
  },
  {
    name: 'the head keeps the tag of the first row of a commit',
    file: 'infrastructure/change-log.ts',
    find: "tags.at(-1) ?? ''",
    replace: "tags[0] ?? ''",
  },
  {
    name: 'a position before the first notification cannot be served',
    file: 'infrastructure/change-log.ts',
    find: 'Math.max(seq, 1),',
    replace: 'seq,',
  },
  {
    name: 'a read stops one row early',
    file: 'infrastructure/change-log.ts',
    find: 'AND seq > ? AND seq <= ? ORDER BY seq`',
    replace: 'AND seq > ? AND seq < ? ORDER BY seq`',
  },
  {
    name: 'the last minute is a second for the reconcile pass',
    file: 'infrastructure/change-log.ts',
    find: '[this.#clock.now() - ms]',
    replace: '[this.#clock.now() - ms / 60]',
  },
];
