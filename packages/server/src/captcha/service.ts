import { z } from 'zod';
import { type Clock, MINUTE } from '../chance.ts';
import type { CaptchaProvider } from '../core/abuse/index.ts';
import type { Surface } from '../core/session/index.ts';
import { createAsker } from './ask.ts';

/** Where the services are asked; tests stand in for them. */
export interface ServiceAddresses {
  hcaptcha: string;
  turnstile: string;
  timeoutMs: number;
}

export type ServiceName = 'hcaptcha' | 'turnstile';

export interface ServiceKeys {
  siteKey: string;
  secretKey: string;
}

export const ADDRESSES: ServiceAddresses = {
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  timeoutMs: 5_000,
};

/** Published by both services for trials: whoever comes passes, or nobody does. */
export const TEST_KEYS = /^([123]x0{10,}|0x0{30,}$|[123]0000000-ffff-)/i;

/** What both services answer; Turnstile also tells what its widget was put up for. */
const verdict = z.object({
  success: z.boolean(),
  hostname: z.string().nullish(),
  action: z.string().nullish(),
  cdata: z.string().nullish(),
  'error-codes': z.array(z.string()).nullish(),
});

const TITLES = { hcaptcha: 'hCaptcha', turnstile: 'Turnstile' } as const;
const SECRET_SETTINGS = {
  hcaptcha: 'FLUXGATE_INTEGRATIONS_CAPTCHA_HCAPTCHA_SECRET_KEY',
  turnstile: 'FLUXGATE_INTEGRATIONS_CAPTCHA_TURNSTILE_SECRET_KEY',
} as const;

const SECRET_IS_WRONG = new Set(['missing-input-secret', 'invalid-input-secret', 'sitekey-secret-mismatch']);
/** The service could not judge, or was not asked as it wants to be; no answer of the visitor's is wrong. */
const COULD_NOT_JUDGE = new Set(['internal-error', 'bad-request', 'missing-remoteip', 'invalid-remoteip']);

/** Longer than either service takes a solution: 2 minutes hCaptcha, 5 minutes Turnstile. */
const LIFE_MS = 10 * MINUTE;

interface Options {
  name: ServiceName;
  keys: ServiceKeys;
  addresses: ServiceAddresses;
  clock: Clock;
  /** Host names on which people solve the puzzle, by surface. */
  hostsOf(surface: Surface): ReadonlySet<string>;
}

/**
 * A puzzle that a service sets and judges. The visitor's address is not sent along: it is personal, and neither
 * service needs it.
 */
export function createService({ name, keys, addresses, clock, hostsOf }: Options): CaptchaProvider {
  const ask = createAsker({ url: addresses[name], timeoutMs: addresses.timeoutMs });

  async function verdictOf(token: string): Promise<z.infer<typeof verdict>> {
    const form = { secret: keys.secretKey, response: token };
    try {
      return verdict.parse(await ask(name === 'hcaptcha' ? { ...form, sitekey: keys.siteKey } : form));
    } catch (cause) {
      throw cannotJudge(name, `did not answer as it should (${reasonOf(cause)})`);
    }
  }

  return {
    name,
    surfaces: new Set(['pages', 'fluxer', 'flux']),
    async judge({ token, surface, action, hosts }) {
      const { success, hostname, action: shownFor, cdata, 'error-codes': codes } = await verdictOf(token);
      if (!success) {
        for (const code of codes ?? []) {
          if (SECRET_IS_WRONG.has(code)) throw wrongSecret(name, code);
          if (COULD_NOT_JUDGE.has(code)) throw cannotJudge(name, `says ${code}`);
        }
        return null;
      }
      const host = (hostname ?? '').toLowerCase();
      if (!hostsOf(surface).has(host) && !hosts.includes(host)) return null;
      if (name === 'turnstile') {
        // Our own pages always say what they ask for. Others need not, but may not say something else.
        const isFor = (said: string | null | undefined, expected: string) =>
          surface === 'pages' ? said === expected : !said || said === expected;
        if (!isFor(shownFor, action) || !isFor(cdata, surface)) return null;
      }
      return { id: token, expiresAt: clock() + LIFE_MS };
    },
  };
}

function cannotJudge(name: ServiceName, what: string): Error {
  return new Error(`${TITLES[name]} ${what}. Until it does, set FLUXGATE_CAPTCHA to pow or off.`);
}

function wrongSecret(name: ServiceName, code: string): Error {
  return new Error(
    `${TITLES[name]} says ${code}. Set ${SECRET_SETTINGS[name]} to the secret that belongs to the site key, or FLUXGATE_CAPTCHA to pow or off.`,
  );
}

/** Why, without a word of what was sent or received. */
function reasonOf(cause: unknown): string {
  if (cause instanceof z.ZodError) return 'unknown form';
  if (cause instanceof SyntaxError) return 'no JSON';
  if (!(cause instanceof Error)) return 'unknown reason';
  if (cause.name === 'TimeoutError') return 'no answer in time';
  const inner = cause.cause as { code?: unknown } | undefined;
  return typeof inner?.code === 'string' ? inner.code : cause.message;
}
