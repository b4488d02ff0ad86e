/**
 * `@flux/sdk` for Node: verifies sessions, ends them, signs people in. Owns the local check of tokens, what is kept to
 * answer without the network, and the stream that says when to forget it. Decides nothing that the server decides.
 * The wire is docs/flux-wire.md.
 */
import type { FluxServerOptions } from './options.ts';
import { createNodePlatform } from './platform-node.ts';
import { FluxServer } from './server-client.ts';

/** `const flux = Flux.init('flux_sk_…')`, once per process. */
class Flux extends FluxServer {
  /** Throws `TypeError` for options that cannot be; a wrong key is found out by the first call. */
  static init(key: string, options: FluxServerOptions = {}): Flux {
    return new Flux(createNodePlatform(), key, options);
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
