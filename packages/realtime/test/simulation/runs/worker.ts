/** A worker process: performs the tasks that its parent sends, one at a time. */
import { performer, type Task } from './task.ts';

const perform = performer();
// A parent that is gone needs no answer.
process.on('disconnect', () => process.exit(0));
process.on('message', (task: Task) => void perform(task).then((findings) => process.send?.(findings)));
