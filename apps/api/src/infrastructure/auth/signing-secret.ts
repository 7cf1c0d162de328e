import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SIGNING_SECRET_BYTES } from '../../domain/limits.ts';

/**
 * The secret that signs tokens where none is configured: made at the first start, kept in the data folder, readable by the owner
 * only. @throws Error in one line when the kept one is too short.
 */
export function keptSigningSecret(dataDir: string): Buffer {
  const path = join(dataDir, 'jwt-secret');
  try {
    writeFileSync(path, randomBytes(SIGNING_SECRET_BYTES).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = readFileSync(path);
  if (secret.length < SIGNING_SECRET_BYTES) {
    throw new Error(
      `${path} has ${secret.length} bytes; at least ${SIGNING_SECRET_BYTES} are needed. Delete it to have a new one made.`,
    );
  }
  return secret;
}
