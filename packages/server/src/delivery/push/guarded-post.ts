import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import {
  createGuardedLookup,
  hostOf,
  isLoopbackHost,
  networkOf,
  type Resolve,
} from '../../outbound/index.ts';

interface Options {
  /** For a server that is itself reached at this machine alone: then a push service may be on it, too. */
  allowsLoopback: boolean;
  timeoutMs: number;
  /** How names are looked up; tests have names of their own. */
  resolve?: Resolve;
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
export function createGuardedPost({ allowsLoopback, timeoutMs, resolve }: Options): GuardedPost {
  function isAllowedAddress(text: string): boolean {
    const range = networkOf(text);
    return range === 'unicast' || (allowsLoopback && range === 'loopback');
  }

  function allowedUrl(address: string): URL | null {
    if (address.length > MAX_LENGTH || !URL.canParse(address)) return null;
    const url = new URL(address);
    const host = hostOf(url);
    if (url.username !== '' || url.password !== '') return null;
    if (networkOf(host) !== null && !isAllowedAddress(host)) return null;
    if (allowsLoopback && isLoopbackHost(host)) return /^https?:$/.test(url.protocol) ? url : null;
    return url.protocol === 'https:' && url.port === '' ? url : null;
  }

  const guardedLookup = createGuardedLookup({
    resolve,
    isAllowed: isAllowedAddress,
    refusal: () => new ForbiddenAddressError('The name leads to an address that is not public.'),
  });

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
