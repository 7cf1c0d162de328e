/** The protocol's errors and close codes as tables for people. */
import { closePolicy } from '../close-policy.ts';
import { PROTOCOL_ERROR_CODES, protocolError } from '../errors.ts';
import { errorsThatClose } from './close-code-vectors.ts';

/** A Markdown table of all errors of the real-time layer: a heading line, a rule, and one line for each code. */
export function renderProtocolErrors(): string {
  const rows = PROTOCOL_ERROR_CODES.map((code) => {
    const { message, httpStatus, closeCode, retryable, remedy } = protocolError(code);
    return [`\`${code}\``, message, httpStatus ?? '–', closeCode ?? '–', retryable ? 'yes' : 'no', remedy];
  });
  return table(['Code', 'Message', 'HTTP status', 'Close code', 'Retryable', 'What to do'], rows);
}

/** A Markdown table of the close codes that the server uses by itself, ascending, with what a client does after each. */
export function renderCloseCodes(): string {
  const codes = new Set(PROTOCOL_ERROR_CODES.flatMap((code) => protocolError(code).closeCode ?? []));
  const rows = [...codes]
    .sort((a, b) => a - b)
    .map((code) => {
      const reasons = errorsThatClose(code).map((error) => `\`${error}\``);
      return [code, reasons.join(', '), `\`${closePolicy(code)}\``];
    });
  return table(['Code', 'Reasons', 'Policy'], rows);
}

/** Columns are as wide as their widest cell, as the formatter would have them. */
function table(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string {
  const lines = [head, ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => [...(cells[column] ?? '')].length)));
  const rule = widths.map((width) => '-'.repeat(width));
  const padded = [...lines.slice(0, 1), rule, ...lines.slice(1)].map((cells) =>
    cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)),
  );
  return padded.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
