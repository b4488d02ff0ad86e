import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import ipaddr from 'ipaddr.js';

interface Options {
  /** For a server that is itself reached at this machine alone: then a push service may be on it, too. */
  allowsLoopback: boolean;
  timeoutMs: number;
  /** How names are looked up; tests have names of their own. */
  resolve?: typeof lookup;
}

export interface GuardedPost {
  /** Whether an address may be asked at all, as far as it can be told without looking its name up. */
  allows(address: string): boolean;
  /**
   * The status of the answer; nothing else of it is read, and no redirect followed. Rejects when there is none in
   * time, and when the name leads to an address that is not public.
   */
  post(message: {
    address: string;
    headers: Record<string, string | number>;
    body: Buffer | null;
  }): Promise<number>;
}

const MAX_LENGTH = 2_048;

class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
  readonly code = 'FORBIDDEN_ADDRESS';
}

/** L04: whoever subscribes names a URL, and this server calls it. It must lead out of the house, and to nothing but web servers. */
export function createGuardedPost({ allowsLoopback, timeoutMs, resolve = lookup }: Options): GuardedPost {
  function isAllowedAddress(text: string): boolean {
    if (!ipaddr.isValid(text)) return false;
    const range = ipaddr.process(text).range();
    return range === 'unicast' || (allowsLoopback && range === 'loopback');
  }

  function isLoopbackHost(host: string): boolean {
    return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
  }

  function allowedUrl(address: string): URL | null {
    if (address.length > MAX_LENGTH || !URL.canParse(address)) return null;
    const url = new URL(address);
    const host = hostOf(url);
    if (url.username !== '' || url.password !== '') return null;
    if (ipaddr.isValid(host) && !isAllowedAddress(host)) return null;
    if (allowsLoopback && isLoopbackHost(host)) return /^https?:$/.test(url.protocol) ? url : null;
    return url.protocol === 'https:' && url.port === '' ? url : null;
  }

  /** Judges what the connection is then made to, so that a name cannot mean one thing here and another there. */
  function guardedLookup(
    hostname: string,
    options: LookupOptions,
    callback: (
      error: NodeJS.ErrnoException | null,
      address: string | LookupAddress[],
      family?: number,
    ) => void,
  ): void {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error) callback(error, []);
      else if (!first || !addresses.every(({ address }) => isAllowedAddress(address)))
        callback(new ForbiddenAddressError('The name leads to an address that is not public.'), []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  }

  return {
    allows: (address) => allowedUrl(address) !== null,
    async post({ address, headers, body }) {
      const url = allowedUrl(address);
      if (!url) throw new ForbiddenAddressError('The address may not be asked.');
      const send = url.protocol === 'https:' ? requestTls : requestPlain;
      return await new Promise((resolveStatus, reject) => {
        const request = send(url, {
          method: 'POST',
          headers,
          lookup: guardedLookup,
          agent: false,
          signal: AbortSignal.timeout(timeoutMs),
        });
        request.on('response', (response) => {
          // Nothing in the body is of use, however long it is.
          response.destroy();
          resolveStatus(response.statusCode ?? 0);
        });
        request.on('error', reject);
        request.end(body);
      });
    },
  };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}
