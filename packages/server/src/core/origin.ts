/** Where a request comes from, as far as core cares. */
export interface Origin {
  /** The client's address, after the trusted proxies were taken off. */
  address: string;
  /**
   * Whose tries and requests are counted together: an IPv4 address, or the /64 of an IPv6 one, because one
   * customer has all of it (D12).
   */
  source: string;
  /** The network it belongs to: /24 of IPv4, /64 of IPv6. What "known places" go by. */
  network: string;
  userAgent: string | null;
  /** The client calls itself Fluxer's desktop app. */
  isDesktop: boolean;
}
