import type { Calls } from './calls.ts';
import { FluxError } from './errors.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSettings, WireSignedIn } from './wire.ts';

export interface PasswordFields {
  email: string;
  password: string;
  /** The answer of the CAPTCHA, while `getSettings` names one. Good for one call. */
  captchaToken?: string;
}

export interface Captcha {
  provider: 'hcaptcha' | 'turnstile' | 'pow' | (string & {});
  /** For the widget of a service; null for the proof of work of this server. */
  siteKey: string | null;
}

export interface ProjectSettings {
  project: { id: string; name: string };
  /** Which ways of signing in to offer, by name: `password`, `magic_link`, `passkey`, … */
  methods: Record<string, boolean>;
  mfa: { required: boolean; methods: string[] };
  branding: { logoUrl: string | null; color: string | null };
  /** What the operator wants solved before `signUp`, `signInWithPassword`, `sendMagicLink` and `startPasswordReset`. */
  captcha: Captcha | null;
}

export interface SignIn {
  /**
   * Makes an account and signs it in; the token is in the user's `sessionToken`. Never tried twice by itself. The mail that asks
   * to confirm the address leads to `redirectUrl`, or to the server's own page.
   */
  signUp(fields: PasswordFields & { redirectUrl?: string }): Promise<FluxUser>;
  /** The token is in the user's `sessionToken`. `session.mfaRequired` says whether a second factor is owed. */
  signInWithPassword(fields: PasswordFields): Promise<FluxUser>;
  /** Ends the session of a token. Ending it twice is no error. */
  signOut(token: string): Promise<void>;
  /** What a sign-in page has to know of the project. */
  getSettings(): Promise<ProjectSettings>;
  /** For an ALTCHA widget, where `captcha.provider` is `pow`. */
  getCaptchaChallenge(purpose: 'register' | 'login' | 'forgot'): Promise<Record<string, unknown>>;
}

/** The calls of the publishable key. */
export function createSignIn(calls: Calls): SignIn {
  const signIn = async (path: string, body: Record<string, unknown>) =>
    userFrom(await calls.ask<WireSignedIn>({ path, body, repeatable: false }));
  return {
    signUp: ({ email, password, ...rest }) =>
      signIn('/flux/v1/sign_up', { email, password, ...optionalFields(rest) }),
    signInWithPassword: ({ email, password, captchaToken }) =>
      signIn('/flux/v1/sign_in/password', { email, password, ...optionalFields({ captchaToken }) }),
    async signOut(token) {
      await calls.ask({ path: '/flux/v1/sign_out', body: { token }, repeatable: true });
    },
    async getSettings() {
      const { project, methods, mfa, branding, captcha } = await calls.ask<WireSettings>({
        method: 'GET',
        path: '/flux/v1/settings',
        repeatable: true,
      });
      return {
        ...{ project, methods, mfa },
        branding: { logoUrl: branding.logo_url, color: branding.color },
        captcha: captcha ? { provider: captcha.provider, siteKey: captcha.site_key } : null,
      };
    },
    async getCaptchaChallenge(purpose) {
      const path = `/flux/v1/captcha/challenge?for=${encodeURIComponent(purpose)}`;
      return await calls.ask<Record<string, unknown>>({ method: 'GET', path, repeatable: true });
    },
  };
}

/** What a request may have besides; absent rather than null. */
export function optionalFields(given: {
  redirectUrl?: string | undefined;
  captchaToken?: string | undefined;
}) {
  return {
    ...(given.redirectUrl === undefined ? {} : { redirect_url: given.redirectUrl }),
    ...(given.captchaToken === undefined ? {} : { captcha_token: given.captchaToken }),
  };
}

/** In place of calls whose key is missing. */
export function refusingCalls(message: string): Calls {
  return {
    ask: () => Promise.reject(new FluxError('invalid_api_key', message, { status: 401 })),
  };
}
