import { expect, test } from 'vitest';
import { addressKey, clientAddress } from './address.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ['192.0.2.7:4711', '192.0.2.7'],
  ['[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
  ['[::ffff:192.0.2.7]:4711', '192.0.2.7'],
  ['not an address', 'not an address'],
  ['', ''],
])('the address %s counts as %s', (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test('without trusted proxies the header is ignored', () => {
  expect(clientAddress('10.0.0.1', '203.0.113.9', 0)).toBe('10.0.0.1');
});

test('each trusted proxy vouches for one entry, counted from the end', () => {
  const header = 'forged, 203.0.113.9, 10.0.0.2';
  expect(clientAddress('10.0.0.1', header, 1)).toBe('10.0.0.2');
  expect(clientAddress('10.0.0.1', header, 2)).toBe('203.0.113.9');
});

test('a header with fewer entries than proxies went around one of them; it leaves the peer, as an absent or empty one does', () => {
  expect(clientAddress('10.0.0.1', 'forged, 203.0.113.9', 3)).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', undefined, 1)).toBe('10.0.0.1');
  expect(clientAddress('10.0.0.1', '', 1)).toBe('10.0.0.1');
});
