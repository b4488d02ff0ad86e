/**
 * `@flux/sdk` for pages: signs people up, in and out with the publishable key, and keeps what a sign-in needs on its way. Owns
 * none of the server's part: no token is checked here, since a page cannot be believed.
 */
import { refuseSecretInPage } from './browser-guard.ts';
import { createCalls } from './calls.ts';
import { callSettings, type FluxOptions, keyFrom, requireKnown } from './options.ts';
import { createPage } from './page.ts';
import { createPageCalls, type PageCalls } from './page-calls.ts';
import { createWebPlatform } from './platform-web.ts';
import { createUserCalls } from './user-calls.ts';

/** `const flux = Flux.init('flux_pk_…', { baseUrl })`. */
class Flux {
  readonly auth: PageCalls;

  private constructor(auth: PageCalls) {
    this.auth = auth;
  }

  /** Throws `FluxError` for a secret key, `TypeError` for options that cannot be. */
  static init(givenKey: string, options: FluxOptions = {}): Flux {
    const { key: publishableKey } = keyFrom(givenKey);
    refuseSecretInPage(publishableKey);
    requireKnown(options, 'page');
    const headers = { 'x-flux-publishable-key': publishableKey };
    const settings = callSettings(options);
    const toServer = createCalls({ platform: createWebPlatform(), headers, ...settings });
    const { baseUrl } = settings;
    const calls = createUserCalls({ baseUrl, publishableKey, publicCalls: toServer, sessionCalls: toServer });
    return new Flux(createPageCalls({ page: createPage(), calls, publishableKey }));
  }
}

export { FluxError, type FluxErrorCode, isRefusedSession } from './errors.ts';
export type { MagicLinkSent, MailTo } from './mailed.ts';
export type { FluxChallenge, FluxFactor, Mfa, TotpSetup } from './mfa.ts';
export type { FluxOptions } from './options.ts';
export type { PasskeyChoice } from './page.ts';
export type { LinkKind, PageCalls, RedirectTo } from './page-calls.ts';
export type { FluxPasskey, PasskeyJson, RegisteredPasskey } from './passkeys.ts';
export type { HostedPage, Provider } from './redirects.ts';
export type { Captcha, PasswordFields, ProjectSettings, SignIn } from './sign-in.ts';
export type { FluxSession, FluxUser } from './user.ts';
export default Flux;
