import { z } from 'zod';
import { issuedSecret, optionalText, whole } from './kinds.ts';
import { setting } from './setting.ts';

const unset: string | undefined = undefined;

/** Puzzles against robots; the keys under the names of contract 8.1. */
export const captchaSettings = {
  captcha: setting({
    path: 'captcha',
    schema: z.preprocess(
      (value) => (value === false ? 'off' : value),
      z.enum(['off', 'pow', 'hcaptcha', 'turnstile'], 'use off, pow, hcaptcha or turnstile'),
    ),
    default: 'off' as const,
    about:
      'Puzzle in front of sign-up, sign-in and the mail for a new password. `pow`: the browser works it out by itself, on the hosted pages alone; nobody else is asked. `hcaptcha` and `turnstile`: a service judges it, on the pages and on `/v1`. See [CAPTCHA](captcha.md).',
  }),
  captchaPowIterations: setting({
    path: 'captcha_pow.iterations',
    schema: whole(100, 100_000),
    default: 1_000,
    about:
      'How much work `pow` is: PBKDF2 iterations of each of about 2,000 guesses. 1,000 take a laptop about a second, and an old phone several.',
  }),
  captchaHcaptchaSiteKey: setting({
    path: 'integrations.captcha.hcaptcha.site_key',
    schema: optionalText,
    default: unset,
    about: "hCaptcha's site key; public.",
  }),
  captchaHcaptchaSecretKey: setting({
    path: 'integrations.captcha.hcaptcha.secret_key',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Secret of that account.',
  }),
  captchaTurnstileSiteKey: setting({
    path: 'integrations.captcha.turnstile.site_key',
    schema: optionalText,
    default: unset,
    about: "Turnstile's site key; public.",
  }),
  captchaTurnstileSecretKey: setting({
    path: 'integrations.captcha.turnstile.secret_key',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Secret key of that widget.',
  }),
};
