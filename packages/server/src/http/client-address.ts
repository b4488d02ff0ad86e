import ipaddr from 'ipaddr.js';

export interface TrustedProxies {
  /** Networks whose `X-Forwarded-For` is believed. */
  networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  /** Whether their `CF-Connecting-IP` is, too. */
  trustCfConnectingIp: boolean;
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** Reads `trusted_proxies`: CIDRs, single addresses, or `loopback`. Throws with the entry that is neither. */
export function parseTrustedProxies(
  entries: readonly string[],
  { trustCfConnectingIp = false } = {},
): TrustedProxies {
  const networks = entries
    .flatMap((entry) => (entry === 'loopback' ? LOOPBACK : [entry]))
    .map((entry) => {
      try {
        if (entry.includes('/')) return ipaddr.parseCIDR(entry);
        const address = ipaddr.parse(entry);
        return [address, address.kind() === 'ipv4' ? 32 : 128] as [ipaddr.IPv4 | ipaddr.IPv6, number];
      } catch {
        throw new Error(
          `trusted_proxies (FLUXGATE_TRUSTED_PROXIES): "${entry}" is neither an address, nor a network such as 10.0.0.0/8, nor "loopback".`,
        );
      }
    });
  return { networks, trustCfConnectingIp };
}

/** One spelling per address: IPv4-mapped IPv6 is IPv4. Null for anything that is no plain address. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.trim().replace(/^\[(.*)\]$/, '$1');
  if (bare.includes(':') ? !ipaddr.IPv6.isValid(bare) : !ipaddr.IPv4.isValidFourPartDecimal(bare))
    return null;
  return ipaddr.process(bare);
}

function isTrusted(address: ipaddr.IPv4 | ipaddr.IPv6, proxies: TrustedProxies): boolean {
  return proxies.networks.some(
    ([network, bits]) =>
      network.kind() === address.kind() && address.match([network, bits] as [ipaddr.IPv4, number]),
  );
}

interface Forwarded {
  /** `X-Forwarded-For`, several of them joined by commas. */
  for: string | undefined;
  /** `CF-Connecting-IP`: one address, not a list. */
  cfConnectingIp?: string | undefined;
}

/**
 * The client's address (design section 7): what a trusted peer names in `CF-Connecting-IP`, where that is switched
 * on; else from the right of `X-Forwarded-For`, past every trusted hop, the first other entry. Nothing is believed
 * of a peer that is not trusted, and a malformed entry ends the walk at the last hop that was understood.
 */
export function clientAddress(peer: string, forwarded: Forwarded, proxies: TrustedProxies): string {
  const socket = parseAddress(peer.replace(/%.*$/, ''));
  if (!socket) return '0.0.0.0';
  if (proxies.trustCfConnectingIp && isTrusted(socket, proxies)) {
    const named = parseAddress(forwarded.cfConnectingIp ?? '');
    if (named) return named.toString();
  }
  let current = socket;
  const hops = (forwarded.for ?? '').split(',').reverse();
  for (const hop of hops) {
    if (!isTrusted(current, proxies)) break;
    const next = parseAddress(hop);
    if (!next) break;
    current = next;
  }
  return current.toString();
}

/** What counters and "known places" go by: the /24 of an IPv4 address, the /64 of an IPv6 one, and this machine. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed) return 'unknown';
  // One machine, whichever way it calls itself.
  if (parsed.range() === 'loopback') return 'loopback';
  const bits = parsed.kind() === 'ipv4' ? 24 : 64;
  const bytes = parsed.toByteArray().map((byte, index) => (index < bits / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(bytes).toString()}/${bits}`;
}
