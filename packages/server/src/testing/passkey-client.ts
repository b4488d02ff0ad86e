import {
  type Authenticator,
  type CreationOptions,
  createAuthenticator,
  type Tampering,
} from './authenticator.ts';
import type { Client, Reply } from './client.ts';
import { decode } from './fluxer-decoder.ts';
import type { World } from './world.ts';

export const CREDENTIALS = '/v1/users/@me/mfa/webauthn/credentials';
export const SUDO = 'x-fluxer-sudo-mode-jwt';

/** Somebody in sudo mode: the header opens every sensitive route for a quarter of an hour. */
export type Elevated = Awaited<ReturnType<World['person']>> & { sudo: Record<string, string> };
type Caller = Pick<Elevated, 'client' | 'sudo'>;

interface Listed {
  id: string;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** Passkeys over Fluxer's API, as a client makes and changes them. */
export function createPasskeyClient(world: World) {
  const authenticator = (options: object = {}): Authenticator =>
    createAuthenticator({ rpId: 'localhost', origin: world.baseUrl, ...options });

  async function elevate(client: Client, proof: object): Promise<Record<string, string>> {
    const reply = await client.post('/v1/auth/sudo/verify', proof);
    decode.empty(reply);
    return { [SUDO]: reply.headers.get(SUDO) ?? '' };
  }

  function send({ client, sudo }: Caller, method: string, path: string, body: object = {}): Promise<Reply> {
    return client.send(path, { method, body, headers: sudo });
  }

  async function optionsFor(caller: Caller): Promise<CreationOptions> {
    const reply = await send(caller, 'POST', `${CREDENTIALS}/registration-options`);
    if (reply.status !== 200) throw new Error(`No options: ${reply.status} ${reply.text}`);
    return reply.json;
  }

  return {
    authenticator,
    elevate,
    send,
    optionsFor,

    async newPerson(): Promise<Elevated> {
      const person = await world.person();
      return { ...person, sudo: await elevate(person.client, { password: person.password }) };
    },

    async register(
      caller: Caller,
      { with: device = authenticator(), name = 'Key', tampering = {} as Tampering } = {},
    ): Promise<Reply> {
      const options = await optionsFor(caller);
      const response = device.register(options, tampering);
      return await send(caller, 'POST', CREDENTIALS, { response, challenge: options.challenge, name });
    },

    async list(client: Client): Promise<Listed[]> {
      const reply = await client.get(CREDENTIALS);
      if (reply.status !== 200) throw new Error(`No list: ${reply.status} ${reply.text}`);
      return reply.json;
    },

    async eventsOf(userId: string): Promise<string[]> {
      const rows = await world.instance.storage.db
        .selectFrom('audit_record')
        .select(['event', 'method', 'outcome'])
        .where('user_id', '=', userId)
        .where('event', 'like', 'factor.%')
        .orderBy('id')
        .execute();
      return rows.map(({ event, method, outcome }) => [event, method, outcome].filter(Boolean).join(' '));
    },
  };
}
