import {
  type Authenticator,
  type CreationOptions,
  createAuthenticator,
  type RequestOptions,
  type Tampering,
} from './authenticator.ts';
import type { Reply } from './client.ts';
import { type FluxHanded, type FluxProject, handed } from './flux-kit.ts';
import type { World } from './world.ts';

/** Where the project's passkeys are made and used. */
export interface PasskeyPlace {
  rpId: string;
  origin: string;
}

export type FluxPasskeys = ReturnType<typeof createFluxPasskeys>;

/** Passkeys of a project's users, over Flux's API, as a page makes and uses them. */
export function createFluxPasskeys(
  world: World,
  flux: FluxProject,
  place: PasskeyPlace = { rpId: 'localhost', origin: world.baseUrl },
) {
  const as = (token: string) => ({ ...flux.asPage, 'x-flux-session': token });

  /** For the user of a session token. */
  const act = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    { token, body }: { token: string; body?: unknown },
  ): Promise<Reply> => world.client().send(`/flux/v1${path}`, { method, body, headers: as(token) });

  const optionsIn = <T>({ status, json, text }: Reply): T => {
    if (status !== 200) throw new Error(`No options: ${status} ${text}`);
    return (json as { options: T }).options;
  };

  const device = (options: object = {}): Authenticator => createAuthenticator({ ...place, ...options });
  const begin = (token: string) => act('POST', '/passkeys/register/start', { token });
  const keep = (token: string, response: unknown, name?: string) =>
    act('POST', '/passkeys/register/finish', { token, body: { response, ...(name && { name }) } });
  const ask = async (): Promise<RequestOptions> => optionsIn(await flux.page('/passkeys/authenticate/start'));
  const finish = (response: unknown) => flux.page('/passkeys/authenticate/finish', { response });

  return {
    act,
    device,
    begin,
    keep,
    ask,
    finish,
    creationOptions: async (token: string): Promise<CreationOptions> => optionsIn(await begin(token)),

    /** Makes a passkey in this session, honestly unless told otherwise. */
    async register(token: string, by: Authenticator, tampering?: Tampering, name?: string): Promise<Reply> {
      const options = optionsIn<CreationOptions>(await begin(token));
      return await keep(token, by.register(options, tampering), name);
    },

    async signIn(by: Authenticator, tampering?: Tampering): Promise<Reply> {
      return await finish(by.assert(await ask(), tampering));
    },

    /** What a session is asked for that owes a passkey. */
    askAgain: async (token: string): Promise<RequestOptions> =>
      optionsIn(await act('POST', '/mfa/passkey/start', { token })),
    showAgain: (token: string, response: unknown) =>
      act('POST', '/mfa/passkey/finish', { token, body: { response } }),

    /** Somebody new who has a passkey, and a session that it opened. */
    async person(): Promise<FluxHanded & { device: Authenticator }> {
      const { token } = await flux.signUp();
      const owned = device();
      const kept = await keep(token, owned.register(optionsIn<CreationOptions>(await begin(token))));
      if (kept.status !== 200) throw new Error(`${kept.status} ${kept.text}`);
      return { ...handed(await finish(owned.assert(await ask()))), device: owned };
    },
  };
}
