import { errorRegistry } from '../../apps/api/src/error-registry.ts';
import { renderProtocolErrors } from '../../packages/protocol/src/generate/index.ts';

const HEAD = `# Errors

Every fault that the server can answer with, by its code. Made from the code by \`npm run generate\`: a fault that is not here does
not exist. Words in braces stand for what the fault was about.

## REST

Every fault answers with one body: \`{"detail": …, "data": null, "message": "…", "error": {"code": "…", "message": "…"}}\`. \`detail\` is
the message, an object of message and code, or for \`validation_failed\` the list of all faults of the request. *Again* says whether
the same request may succeed later, unchanged; \`Retry-After\` then says when, where that is known.

`;

const REALTIME = `
## Real time

Faults before the upgrade are answered as above; after it they close the connection, or come as an \`error\` frame where neither a
status nor a close code is given. The rules are in the [specification](../packages/protocol/SPEC.md).

`;

/** The text of `docs/errors.md`. */
export function errorsPage(): string {
  const entries = errorRegistry().toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code, 'en'));
  const rows = entries.map(
    ({ status, code, message, retryable }) => `| ${status} | \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} |\n`,
  );
  return `${HEAD}| Status | Code | Message | Again |\n|---|---|---|---|\n${rows.join('')}${REALTIME}${renderProtocolErrors()}`;
}
