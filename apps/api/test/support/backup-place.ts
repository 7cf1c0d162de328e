import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerHost } from './server-host.ts';

/** A server's host, and a folder elsewhere for its backups. */
export class BackupPlace {
  readonly host = new ServerHost();
  readonly elsewhere = mkdtempSync(join(tmpdir(), 'friday-backups-'));
  /** Where a backup may be put. */
  readonly backup = join(this.elsewhere, 'monday.db');

  async end(): Promise<void> {
    await this.host.end();
    rmSync(this.elsewhere, { recursive: true, force: true });
  }
}
