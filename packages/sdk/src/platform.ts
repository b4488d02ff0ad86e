import type { WireKey } from './wire.ts';

/**
 * What differs between Node and everything else that runs JavaScript: how a request is sent, how a stream is listened
 * to, how a signature is checked. Handed in, so that no module below an entry point knows where it runs.
 */
export interface Platform {
  /** Makes an ES256 key of a key set ready; throws for anything else. */
  importKey(jwk: WireKey): unknown;
  /** ES256 (RFC 7518 section 3.4): `signature` is the 64 bytes of r and s. */
  verify(key: unknown, signature: Uint8Array, data: Uint8Array): boolean | Promise<boolean>;
  /** Resolves with any status; throws `FluxError` `network_error` or `timeout`. */
  send(request: OutgoingRequest): Promise<Reply>;
  /** Opens a stream that does not keep a Node process alive (with `fetch`, it does until it is ended). The returned function ends it, and nothing is told after that. */
  listen(request: StreamRequest, listener: StreamListener): () => void;
  /** Milliseconds of a clock that nobody sets; on some machines it stands still while they sleep. */
  monotonicMs(): number;
  /** Milliseconds since 1970, by a clock that may be wrong. */
  wallMs(): number;
  /** Within [0, 1), for jitter only. */
  random(): number;
  /** As setTimeout, but without keeping the process alive. */
  later(work: () => void, delayMs: number): () => void;
  /** Lets go of idle connections. */
  close(): void;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface OutgoingRequest {
  method: Method;
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
}

export interface Reply {
  status: number;
  /** By its lower-case name. */
  header(name: string): string | null;
  text: string;
}

export interface StreamRequest {
  url: string;
  headers: Record<string, string>;
}

export interface StreamListener {
  onOpen(status: number, header: (name: string) => string | null): void;
  onText(text: string): void;
  /** Once, for whatever reason. */
  onEnd(): void;
}

/** The longest answer that is read, in characters. */
export const MAX_ANSWER = 1_000_000;

/** For messages: whom we asked, which is often not whom the reader thinks; nothing of what was asked. */
export const serverAt = (url: string) => `The Flux server at ${new URL(url).origin}`;

interface Unreferable {
  unref?(): void;
}

export const timing = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  later(work: () => void, delayMs: number): () => void {
    const timer = setTimeout(work, delayMs);
    (timer as unknown as Unreferable).unref?.();
    return () => clearTimeout(timer);
  },
};
