import { FluxError } from './errors.ts';
import { MAX_ANSWER, type Platform, serverAt, timing } from './platform.ts';

/** A browser keeps from a page why it may not read an answer, and a forgotten origin is the most frequent reason. */
const orUnread = () =>
  typeof document === 'undefined' ? '' : ", or this page's origin is not in the project's allowed_origins";

const ES256 = { name: 'ECDSA', hash: 'SHA-256' };

/** `fetch` and WebCrypto: browsers, workers, Deno, Bun, and whatever else has both. */
export function createWebPlatform(): Platform {
  return {
    ...timing,
    importKey: (jwk) =>
      // Only these: WebCrypto refuses keys whose `key_ops` or `use` it would have worded otherwise.
      crypto.subtle.importKey(
        'jwk',
        { kty: 'EC', crv: 'P-256', x: jwk.x ?? '', y: jwk.y ?? '' },
        { name: 'ECDSA', namedCurve: 'P-256' },
        false,
        ['verify'],
      ),
    verify: async (key, signature, data) =>
      await crypto.subtle.verify(
        ES256,
        key as CryptoKey,
        signature as Uint8Array<ArrayBuffer>,
        data as Uint8Array<ArrayBuffer>,
      ),
    async send({ method, url, headers, body, timeoutMs }) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), timeoutMs);
      try {
        const response = await fetch(url, {
          method,
          headers,
          signal: abort.signal,
          redirect: 'error',
          ...(body === undefined ? {} : { body }),
        });
        const text = await response.text();
        if (text.length > MAX_ANSWER) throw new TypeError('answer too long');
        return { status: response.status, header: (name) => response.headers.get(name), text };
      } catch {
        throw abort.signal.aborted
          ? new FluxError('timeout', `${serverAt(url)} did not answer in time.`)
          : new FluxError('network_error', `${serverAt(url)} did not answer${orUnread()}.`);
      } finally {
        clearTimeout(timer);
      }
    },
    listen({ url, headers }, listener) {
      const abort = new AbortController();
      let isOver = false;
      async function read(): Promise<void> {
        const response = await fetch(url, { headers, signal: abort.signal, redirect: 'error' });
        if (isOver) return;
        listener.onOpen(response.status, (name) => response.headers.get(name));
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const part = await reader?.read();
          if (!part || part.done || isOver) return;
          listener.onText(part.value);
        }
      }
      const end = () => {
        if (isOver) return;
        isOver = true;
        listener.onEnd();
      };
      read().then(end, end);
      return () => {
        isOver = true;
        abort.abort();
      };
    },
    close() {},
  };
}
