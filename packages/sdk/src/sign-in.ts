import type { Calls } from './calls.ts';
import { FluxError } from './errors.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSettings, WireSignedIn } from './wire.ts';

export interface PasswordFields {
  email: string;
  password: string;
}

export interface ProjectSettings {
  project: { id: string; name: string };
  /** Which ways of signing in to offer, by name: `password`, `magic_link`, `passkey`, … */
  methods: Record<string, boolean>;
  mfa: { required: boolean; methods: string[] };
  branding: { logoUrl: string | null; color: string | null };
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
}

/** The calls of the publishable key. */
export function createSignIn(calls: Calls): SignIn {
  const signIn = async (path: string, body: Record<string, unknown>) =>
    userFrom(await calls.ask<WireSignedIn>({ path, body, repeatable: false }));
  return {
    signUp({ email, password, redirectUrl }) {
      const back = redirectUrl === undefined ? {} : { redirect_url: redirectUrl };
      return signIn('/flux/v1/sign_up', { email, password, ...back });
    },
    signInWithPassword: ({ email, password }) => signIn('/flux/v1/sign_in/password', { email, password }),
    async signOut(token) {
      await calls.ask({ path: '/flux/v1/sign_out', body: { token }, repeatable: true });
    },
    async getSettings() {
      const { project, methods, mfa, branding } = await calls.ask<WireSettings>({
        method: 'GET',
        path: '/flux/v1/settings',
        repeatable: true,
      });
      return { project, methods, mfa, branding: { logoUrl: branding.logo_url, color: branding.color } };
    },
  };
}

/** In place of calls whose key is missing. */
export function refusingCalls(message: string): Calls {
  return {
    ask: () => Promise.reject(new FluxError('invalid_api_key', message, { status: 401 })),
  };
}
