/** Rule P3: which web origins may connect. The same policy rules a host's CORS. */

export interface OriginPolicyOptions {
  /** The server's own address as browsers see it, such as `https://friday.example`; besides the request's Host. */
  readonly publicUrl?: string | undefined;
  /** Further origins, or `*` alone for all. */
  readonly allowed: readonly string[];
  /** Whether the server is bound to loopback: then pages of this machine may connect too. */
  readonly loopback: boolean;
}

/** Decides on an `Origin` header, given the request's `Host`. */
export type OriginPolicy = (origin: string, host: string | undefined) => boolean;

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Makes the policy. `null` and what is no URL are never an origin of ours; only `*` lets them in. */
export function originPolicy({ publicUrl, allowed, loopback }: OriginPolicyOptions): OriginPolicy {
  const all = allowed.includes('*');
  const own = new Set([...allowed, ...(publicUrl === undefined ? [] : [publicUrl])].flatMap((url) => parse(url)?.origin ?? []));
  return (origin, host) => {
    if (all) return true;
    const url = parse(origin);
    if (!url) return false;
    if (own.has(url.origin) || isHost(url, host)) return true;
    return loopback && LOOPBACK_HOSTS.has(url.hostname);
  };
}

function isHost(origin: URL, host: string | undefined): boolean {
  if (host === undefined) return false;
  return parse(`${origin.protocol}//${host}`)?.origin === origin.origin;
}

function parse(url: string): URL | undefined {
  const parsed = URL.parse(url);
  return parsed !== null && (parsed.protocol === 'http:' || parsed.protocol === 'https:') ? parsed : undefined;
}
