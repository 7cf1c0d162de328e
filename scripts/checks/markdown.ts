/** What the checks need to know of Markdown: its fenced blocks, its links and its headings. */

/** A fenced block of code. */
export interface CodeBlock {
  /** First word of the info string, lower case; empty where there is none. */
  readonly language: string;
  /** The other words of the info string. */
  readonly flags: readonly string[];
  /** Line of its first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
}

const FENCE = /^(\s*)(`{3,}|~{3,})\s*(.*)$/;

/** All fenced blocks, in order. A fence that is never closed reaches to the end. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', fence, info = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const end = closing(lines, at + 1, fence);
    const code = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    const [language = '', ...flags] = info.trim().split(/\s+/);
    blocks.push({ language: language.toLowerCase(), flags, line: at + 2, code: code.join('\n') });
    at = end;
  }
  return blocks;
}

/** @returns the index of the line that closes a fence. */
function closing(lines: readonly string[], from: number, fence: string): number {
  for (let at = from; at < lines.length; at += 1) {
    const text = (lines[at] ?? '').trim();
    if (text.startsWith(fence) && text.replaceAll(fence.charAt(0), '') === '') return at;
  }
  return lines.length;
}

/** The text with fenced blocks and inline code blanked; lines stay where they are. */
export function prose(markdown: string): string {
  const lines = markdown.split('\n');
  for (const { line, code } of codeBlocks(markdown)) {
    for (let at = line - 2; at < line + code.split('\n').length; at += 1) if (at < lines.length) lines[at] = '';
  }
  return lines.join('\n').replaceAll(/`[^`\n]*`/g, '');
}

/** A link or an image, by where it points. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

const INLINE_LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/g;

/** All links outside of code. */
export function links(markdown: string): Link[] {
  return prose(markdown)
    .split('\n')
    .flatMap((text, index) =>
      [...text.matchAll(INLINE_LINK), ...text.matchAll(REFERENCE)].map(([, target = '']) => ({ target, line: index + 1 })),
    );
}

/** The anchors that a document's headings get: lower case, without punctuation, spaces as hyphens, doubles numbered. */
export function anchors(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = markdown.split('\n').filter((line) => /^#{1,6}\s/.test(line));
  return new Set(
    headings.map((line) => {
      const plain = line
        .replace(/^#+\s+/, '')
        .replaceAll(/[`*]/g, '')
        .trim()
        .toLowerCase();
      const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}
