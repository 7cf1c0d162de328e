import { expect, test } from 'vitest';
import { BROADCAST_CHANNEL, channelName, isChannelKey, userChannel } from './channel.ts';

test('[P6] clients see the name of a channel, and never whose it is', () => {
  expect(channelName(userChannel('ann'))).toBe('user');
  expect(channelName(BROADCAST_CHANNEL)).toBe('broadcast');
});

test.each(['user:ann', 'user:0190a5b2-77aa', 'broadcast', 'team:a/b', 'x:größe', `user:${'a'.repeat(128)}`])(
  '%j is a channel key',
  (key) => {
    expect(isChannelKey(key)).toBe(true);
  },
);

test.each(['', 'User:ann', 'user:', 'user:a b', 'user:a:b', '1st', 'user.ann', 'user:a\n', `user:${'a'.repeat(129)}`])(
  '%j is none',
  (key) => {
    expect(isChannelKey(key)).toBe(false);
  },
);
