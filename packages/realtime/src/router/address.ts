/** Peers' addresses, as limits count them. */
import { isIPv4, isIPv6 } from 'node:net';

/** An IPv4 address that arrived on an IPv6 socket, RFC 4291 section 2.5.5.2. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** A site gets at least this much of IPv6, so all of it counts as one address (RFC 6177). */
const PREFIX_GROUPS = 4;

/**
 * The key by which limits count an address: an IPv4 address itself, an IPv6 address's /64. What is no address is its own key, so
 * that it is limited too.
 */
export function addressKey(address: string): string {
  const bare = withoutPort(address).split('%', 1)[0] ?? '';
  const mapped = MAPPED.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIPv4(bare) || !isIPv6(bare)) return bare;
  return `${expand(bare).slice(0, PREFIX_GROUPS).join(':')}::/64`;
}

/**
 * The address of the client behind trusted proxies. Each proxy appends to `X-Forwarded-For` whom it heard, so with `hops` of them the
 * client is `hops` entries from the end; what stands before it is hearsay. A header with fewer entries did not come through all of
 * them, so it is not believed at all.
 * @param peer the socket's own address.
 * @param hops trusted proxies between client and server; 0 ignores the header.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, hops: number): string {
  if (hops === 0 || forwardedFor === undefined) return peer;
  const entries = forwardedFor.split(',').map((entry) => entry.trim());
  return entries.at(-hops) || peer;
}

/** Some balancers write the client's port too: `192.0.2.7:4711`, `[2001:db8::1]:4711`. */
function withoutPort(address: string): string {
  const [, inBrackets, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? [];
  return inBrackets ?? v4 ?? address;
}

/** The eight groups of an IPv6 address, RFC 4291 section 2.2, without leading zeros. */
function expand(address: string): string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].map((group) => group.replace(/^0+(?=.)/, ''));
}

function groups(part: string): string[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [group]));
}
