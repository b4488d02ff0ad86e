import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

export type Resolve = typeof lookup;

interface Options {
  /** How names are looked up; tests have names of their own. */
  resolve?: Resolve | undefined;
  isAllowed(address: string, host: string): boolean;
  /** What a name ends with that leads to any address that is not allowed. */
  refusal(): Error;
}

/** Judges what the connection is then made to, so that a name cannot mean one thing here and another there. */
export function createGuardedLookup({ resolve = lookup, isAllowed, refusal }: Options): LookupFunction {
  return (hostname: string, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => isAllowed(address, hostname.toLowerCase())))
        callback(refusal(), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** The kind of network an address is in, such as `unicast` for a public one, whatever its spelling; null for a name. */
export function networkOf(address: string): string | null {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : null;
}

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || networkOf(host) === 'loopback';
}
