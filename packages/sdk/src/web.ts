/**
 * `@flux/sdk` for servers that are not Node (workers, Deno, Bun): the same calls on `fetch` and WebCrypto.
 */
import { refuseSecretInPage } from './browser-guard.ts';
import type { FluxServerOptions } from './options.ts';
import { createWebPlatform } from './platform-web.ts';
import { FluxServer } from './server-client.ts';

/** `const flux = Flux.init('flux_sk_…')`, once per process or isolate. */
class Flux extends FluxServer {
  /** Throws `TypeError` for options that cannot be; a wrong key is found out by the first call. */
  static init(key: string, options: FluxServerOptions = {}): Flux {
    if (typeof document !== 'undefined') refuseSecretInPage(key);
    return new Flux(createWebPlatform(), key, options);
  }
}

export { FluxError, type FluxErrorCode, isRefusedSession } from './errors.ts';
export type { MagicLinkProof, MagicLinkSent, MailTo } from './mailed.ts';
export type { FluxChallenge, FluxFactor, Mfa, TotpSetup } from './mfa.ts';
export type { FluxOptions, FluxServerOptions } from './options.ts';
export type { FluxPasskey, PasskeyJson, Passkeys, RegisteredPasskey } from './passkeys.ts';
export { createPkce, type Pkce } from './pkce.ts';
export type { HostedPage, Provider, Return } from './redirects.ts';
export type { FluxAuth } from './server-client.ts';
export type { VerifyOptions } from './session-calls.ts';
export type { Captcha, PasswordFields, ProjectSettings } from './sign-in.ts';
export type { FluxSession, FluxUser } from './user.ts';
export type { FluxAccount, Users } from './users.ts';
export default Flux;
