/** Broadcasts as an operator makes them: by another process than the server's, on the server's own database. */
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketMessage } from '@friday/realtime';
import { beside } from '../../apps/api/src/cli/database/beside.ts';
import { readConfig } from '../../apps/api/src/config.ts';
import { stamp } from '../load/clock.ts';

export interface Announcements {
  /** The server's data. */
  readonly folder: string;
  readonly count: number;
  /** Absent: as fast as they can be committed, one by one. */
  readonly perSecond?: number;
}

const TEXT = 'An announcement of a hundred characters or so, which is what operators tell everybody now and then.';

/** Commits them one after the other; resolves with the last. */
export async function announce({ folder, count, perSecond }: Announcements): Promise<void> {
  await beside(readConfig({ FRIDAY_DATA_DIR: folder }), async ({ core }) => {
    const start = performance.now();
    for (let index = 0; index < count; index++) {
      const due = perSecond === undefined ? 0 : start + (index * 1000) / perSecond;
      if (due > performance.now()) await pause(due - performance.now());
      const message = new WebSocketMessage({ type: 'system.announcement', origin: stamp(), data: { text: TEXT } });
      await core.unitOfWork.run(async (tx) => core.realtime.service.broadcast(tx, message));
    }
  });
}
