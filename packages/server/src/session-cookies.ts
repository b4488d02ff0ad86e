import { HOUR } from './chance.ts';
import type { Config } from './config/index.ts';
import { createCookieJar } from './http/index.ts';

/** Longer than any sign-in waits; when one is over stands inside. */
const PENDING_COOKIE_SECONDS = 60 * 60;

/** Every cookie of this server. Those bound to the host by their name belong to pages of our own. */
export function createSessionCookies(config: Config) {
  const isHttps = config.publicUrl.startsWith('https:');
  const ofHost = (name: string, maxAgeSeconds: number) =>
    createCookieJar({ name: isHttps ? `__Host-${name}` : name, isHttps, maxAgeSeconds });
  return {
    pagesCookie: ofHost('fluxgate', (config.pagesAbsoluteHours * HOUR) / 1000),
    pendingCookie: ofHost('fluxgate-pending', PENDING_COOKIE_SECONDS),
    projectPagesCookie: ofHost('fluxgate-way', PENDING_COOKIE_SECONDS),
    fluxerCookie: createCookieJar({
      name: 'fluxer_session',
      isHttps,
      maxAgeSeconds: Math.floor((config.cookieMaxAgeMs ?? config.sessionIdleHours * HOUR) / 1000),
      domain: config.cookieDomain || undefined,
    }),
  };
}
