import type { Calls } from './calls.ts';
import type { Platform } from './platform.ts';
import type { WireKeySet, WireSettings } from './wire.ts';

/** What a token of this project is checked against. */
export interface Trusted {
  issuer: string;
  audience: string;
  /** The life of a token; a project's shortened one holds for tokens there are already. */
  ttlSeconds: number;
  /** By `kid`. */
  keys: ReadonlyMap<string, unknown>;
}

/** The project's name and the server's public keys, fetched when first needed and kept for a while. */
export interface Trust {
  /** At once where something young enough is kept. Throws `FluxError` when nothing is and the server cannot be asked. */
  current(): Trusted | Promise<Trusted>;
  /** Newer than what was given; at most one fetch a second, which all who wait share. */
  newer(than: Trusted): Promise<Trusted>;
  /** What is kept must be read anew before it is believed again. */
  forget(): void;
}

/** As the key set's `max-age`. */
const REFRESH_AFTER_MS = 300_000;
/** Keys stand in the set ten minutes before they sign; what is older than this opens nothing. */
const OLDEST_MS = 600_000;
/** Tokens with invented key ids can make one fetch in so many milliseconds; tokens of a new key wait no longer. */
const PAUSE_MS = 1_000;

export function createTrust(deps: { platform: Platform; calls: Calls }): Trust {
  const { platform, calls } = deps;
  let kept: Trusted | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<Trusted> | null = null;
  let isStale = false;

  async function read(): Promise<Trusted> {
    const began = platform.monotonicMs();
    isStale = false;
    try {
      const [settings, set] = await Promise.all([
        calls.ask<WireSettings>({ method: 'GET', path: '/flux/v1/settings', repeatable: true }),
        calls.ask<WireKeySet>({ method: 'GET', path: '/flux/v1/.well-known/jwks.json', repeatable: true }),
      ]);
      const keys = new Map<string, unknown>();
      for (const jwk of set.keys) {
        const isOurs = jwk.kty === 'EC' && jwk.crv === 'P-256' && (jwk.alg ?? 'ES256') === 'ES256';
        if (isOurs && typeof jwk.kid === 'string') keys.set(jwk.kid, await platform.importKey(jwk));
      }
      kept = {
        issuer: settings.issuer,
        audience: settings.project.id,
        ttlSeconds: settings.session.ttl_seconds,
        keys,
      };
      readAt = began;
      return kept;
    } catch (error) {
      isStale = true;
      throw error;
    }
  }

  function fetchOnce(): Promise<Trusted> {
    asking ??= read().finally(() => {
      asking = null;
    });
    return asking;
  }

  return {
    current() {
      const age = platform.monotonicMs() - readAt;
      if (!kept || isStale || age > OLDEST_MS) return fetchOnce();
      if (age > REFRESH_AFTER_MS) fetchOnce().catch(() => {});
      return kept;
    },
    async newer(than) {
      if (kept && kept !== than) return kept;
      const wait = readAt + PAUSE_MS - platform.monotonicMs();
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      return kept && kept !== than ? kept : await fetchOnce();
    },
    forget() {
      isStale = true;
    },
  };
}
