import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missing } from '../../../../test/support/needs.ts';

const SIZE = '2m';

/** A disk of two megabytes that can be filled: a file system in memory. Only those who may mount can have one. */
export class SmallDisk {
  readonly folder: string;
  readonly #filler: string;

  /**
   * Tries it where nobody sees it, and where it ends with the program.
   * @throws Error when it cannot be had and `CI` is set; elsewhere the run names it at its end.
   */
  static possible(): boolean {
    try {
      run('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir());
      return true;
    } catch {
      missing('the right to mount a file system');
      return false;
    }
  }

  /** @param folder is made, and becomes the disk's. */
  constructor(folder: string) {
    mkdirSync(folder);
    run('mount', '-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder);
    this.folder = folder;
    this.#filler = join(folder, 'filler');
  }

  /** Fills it but for so many bytes. */
  leaveRoom(bytes: number): void {
    const { bavail, bsize } = statfsSync(this.folder);
    writeFileSync(this.#filler, Buffer.alloc(bavail * bsize - bytes));
  }

  giveRoom(): void {
    rmSync(this.#filler);
  }

  /** Nobody may have a file open on it any more. */
  unmount(): void {
    run('umount', this.folder);
  }
}

/** Throws where the program is not there, or fails. */
function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}
