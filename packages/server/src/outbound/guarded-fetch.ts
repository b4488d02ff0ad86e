import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { createGuardedLookup, hostOf, isLoopbackHost, networkOf, type Resolve } from './guarded-lookup.ts';

/** Nobody answered, or nothing that could be taken for an answer; says nothing about what was asked. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/** As the global `fetch` is called by libraries that take one of one's own. */
export type GuardedFetch = (
  address: string,
  options?: { method?: string; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal },
) => Promise<Response>;

interface Options {
  /**
   * A URL the operator wrote down: its host may stand in the operator's own network. Every other host is one that the
   * server behind it named, and must be public (G08). Left out where nobody may name such a host.
   */
  trusted?: string;
  /** For the whole answer, not only its first byte. */
  timeoutMs: number;
  maxBytes: number;
  /** How names are looked up; tests have names of their own. */
  resolve?: Resolve;
}

/** Where the operator's own servers stand. Never link-local: there, clouds hand out their machines' credentials. */
const OWN_RANGES = new Set(['loopback', 'private', 'uniqueLocal', 'carrierGradeNat']);

export function createGuardedFetch({ trusted, timeoutMs, maxBytes, resolve }: Options): GuardedFetch {
  const trustedHost = trusted === undefined ? null : hostOf(new URL(trusted));
  const allowsLoopback = trustedHost !== null && isLoopbackHost(trustedHost);

  function isAllowedAddress(address: string, host: string): boolean {
    const range = networkOf(address) ?? '';
    return range === 'unicast' || (host === trustedHost && OWN_RANGES.has(range));
  }

  function allowedUrl(address: string): URL {
    const url = new URL(address);
    const host = hostOf(url);
    const isPlain = url.protocol === 'http:' && allowsLoopback && host === trustedHost;
    if (url.protocol !== 'https:' && !isPlain) throw new UnreachableError('an address that is not https');
    if (url.username !== '' || url.password !== '') throw new UnreachableError('an address with credentials');
    // A literal address is never looked up.
    if (networkOf(host) !== null && !isAllowedAddress(host, host))
      throw new UnreachableError('an address that is not public');
    return url;
  }

  const guardedLookup = createGuardedLookup({
    resolve,
    isAllowed: isAllowedAddress,
    refusal: () => new UnreachableError('a name that leads to an address that is not public'),
  });

  async function answerOf(incoming: IncomingMessage): Promise<Response> {
    const status = incoming.statusCode ?? 0;
    // Whoever is asked answers from there; a redirect may lead anywhere.
    if (status < 200 || (status >= 300 && status < 400)) throw new UnreachableError(`status ${status}`);
    if (status >= 500) throw new UnreachableError(`status ${status}`);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new UnreachableError(`more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers))
      for (const one of [value].flat()) if (one !== undefined) headers.append(name, one);
    const isBodiless = status === 204 || status === 205;
    return new Response(isBodiless ? null : Buffer.concat(chunks), { status, headers });
  }

  return async (address, { method = 'GET', headers = {}, body, signal } = {}) => {
    const url = allowedUrl(address);
    const send = url.protocol === 'https:' ? requestTls : requestPlain;
    const text = body === undefined || body === null ? null : String(body);
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal ? AbortSignal.any([deadline, signal]) : deadline;
    const request = send(url, {
      method,
      // Uncompressed: a small answer could unpack to a large one.
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(text !== null && { 'content-length': Buffer.byteLength(text) }),
      },
      lookup: guardedLookup,
      agent: false,
      signal: either,
    });
    try {
      return await new Promise<Response>((resolveAnswer, reject) => {
        request.on('error', reject);
        request.on('response', (incoming) => answerOf(incoming).then(resolveAnswer, reject));
        request.end(text);
      });
    } catch (error) {
      if (error instanceof UnreachableError) throw error;
      if (deadline.aborted) throw new UnreachableError(`no answer in ${timeoutMs} ms`);
      const { code } = error as NodeJS.ErrnoException;
      throw new UnreachableError(code ?? 'the connection failed');
    } finally {
      request.destroy();
    }
  };
}
