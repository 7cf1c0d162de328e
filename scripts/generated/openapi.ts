import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFriday } from '../../apps/api/src/app.ts';
import { readConfig } from '../../apps/api/src/config.ts';
import { createLog } from '../../apps/api/src/infrastructure/log.ts';

/** The OpenAPI document as a server with the default settings serves it. */
export async function openApiDocument(): Promise<unknown> {
  const dataDir = mkdtempSync(join(tmpdir(), 'friday-openapi-'));
  try {
    const friday = await startFriday(readConfig({ FRIDAY_DATA_DIR: dataDir, FRIDAY_PORT: '0' }), createLog('silent'));
    try {
      const response = await fetch(new URL('/openapi.json', friday.url));
      return await response.json();
    } finally {
      await friday.close();
    }
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
