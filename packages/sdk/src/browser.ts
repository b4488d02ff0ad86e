/**
 * `@flux/sdk` for pages: signs people up, in and out with the publishable key. Owns none of the server's part: no token
 * is checked here, since a page cannot be believed.
 */
import { refuseSecretInPage } from './browser-guard.ts';
import { createCalls } from './calls.ts';
import { callSettings, type FluxOptions, keyFrom } from './options.ts';
import { createWebPlatform } from './platform-web.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

/** `const flux = Flux.init('flux_pk_…', { baseUrl })`. */
class Flux {
  readonly auth: SignIn;

  private constructor(auth: SignIn) {
    this.auth = auth;
  }

  /** Throws `FluxError` for a secret key, `TypeError` for options that cannot be. */
  static init(givenKey: string, options: FluxOptions = {}): Flux {
    const { key } = keyFrom(givenKey);
    refuseSecretInPage(key);
    const headers = { 'x-flux-publishable-key': key };
    return new Flux(
      createSignIn(createCalls({ platform: createWebPlatform(), headers, ...callSettings(options) })),
    );
  }
}

export { FluxError, type FluxErrorCode } from './errors.ts';
export type { FluxOptions } from './options.ts';
export type { PasswordFields, ProjectSettings, SignIn } from './sign-in.ts';
export type { FluxSession, FluxUser } from './user.ts';
export default Flux;
