/** Where a request comes from, as far as core cares. */
export interface Origin {
  /** The client's address, after the trusted proxies were taken off. */
  address: string;
  /** The network it belongs to: /24 of IPv4, /64 of IPv6. What counters and "known places" go by. */
  network: string;
  userAgent: string | null;
  /** The client calls itself Fluxer's desktop app. */
  isDesktop: boolean;
}
