import { WebSocketMessage } from '@friday/realtime';
import type { Command } from '../command.ts';
import { beside } from '../database/beside.ts';
import { CommandError } from '../faults.ts';

export const announce: Command = {
  name: 'announce',
  args: ['TEXT'],
  summary: 'Tell all users something.',
  details: `Sends the notification system.announcement with {"text": TEXT} to every client, on the channel
broadcast. Clients that are away get it when they come back. TEXT has 16 KiB at most.`,

  async run(config, [text = '']) {
    if (text.trim() === '') throw new CommandError('text_empty', 'TEXT is empty: there is nothing to announce.');
    const message = new WebSocketMessage({ type: 'system.announcement', data: { text } });
    await beside(config, ({ core }) => core.unitOfWork.run(async (tx) => core.realtime.service.broadcast(tx, message)));
    return { text: 'Announced.\n', data: { announced: { text } } };
  },
};
