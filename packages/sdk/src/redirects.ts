import type { Calls } from './calls.ts';
import { FluxError } from './errors.ts';
import { type FluxUser, userFrom } from './user.ts';
import type { WireSignedIn } from './wire.ts';

export type Provider = 'google' | 'github' | 'microsoft';

export type HostedPage = 'sign-in' | 'sign-up' | 'forgot';

/** Where to send the user back to, and what binds the answer to who asked. See `createPkce`. */
export interface Return {
  /** As the project's `redirect_urls` have it. */
  redirectUrl: string;
  codeChallenge: string;
  state: string;
}

/** Sign-ins that lead through another page: there with `state` and a challenge, back with `state` and a code. */
export interface Redirects {
  /** Send the browser there by a navigation. */
  signInWithProviderUrl(way: { provider: Provider } & Return): string;
  /** The server's own pages, with exactly the ways to sign in that the project has on. */
  hostedSignInUrl(way: { page?: HostedPage } & Return): Promise<string>;
  /**
   * Turns the code that the browser came back with into a session, once. Compare `state` first. With `redirectUrl`, the code
   * must have been led back there.
   */
  exchangeCode(proof: { code: string; codeVerifier: string; redirectUrl?: string }): Promise<FluxUser>;
}

interface Parts {
  baseUrl: string;
  publishableKey: string | undefined;
  /** With whichever key there is. */
  calls: Calls;
  /** At once where it is kept. */
  projectId(): Promise<string>;
}

export function createRedirects({ baseUrl, publishableKey, calls, projectId }: Parts): Redirects {
  return {
    signInWithProviderUrl({ provider, ...back }) {
      if (publishableKey === undefined) {
        const message = 'This address needs the publishable key: Flux.init(secretKey, { publishableKey }).';
        throw new FluxError('invalid_api_key', message, { status: 401 });
      }
      const path = `/flux/v1/oauth/${encodeURIComponent(provider)}/start`;
      return `${baseUrl}${path}?${queryOf(back, { key: publishableKey, code_challenge_method: 'S256' })}`;
    },
    async hostedSignInUrl({ page = 'sign-in', ...back }) {
      return `${baseUrl}/p/${encodeURIComponent(await projectId())}/${page}?${queryOf(back)}`;
    },
    async exchangeCode({ code, codeVerifier, redirectUrl }) {
      const back = redirectUrl === undefined ? {} : { redirect_url: redirectUrl };
      const body = { code, code_verifier: codeVerifier, ...back };
      const path = '/flux/v1/sessions/exchange';
      return userFrom(await calls.ask<WireSignedIn>({ path, body, repeatable: false }));
    },
  };
}

function queryOf({ redirectUrl, codeChallenge, state }: Return, more: Record<string, string> = {}): string {
  const fields = { redirect_url: redirectUrl, code_challenge: codeChallenge, state };
  return new URLSearchParams({ ...more, ...fields }).toString();
}
