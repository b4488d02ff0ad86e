import type { Client, Reply } from './client.ts';
import { newEmail, PASSWORD, type World } from './world.ts';

const BASE = '/v1/users/@me/email-change';

interface Person {
  client: Client;
  email: string;
}

function answer<T>(reply: Reply): T {
  if (reply.status !== 200) throw new Error(`Not a success: ${reply.status} ${reply.text}`);
  return reply.json as T;
}

/** The way through contract 4.7, step by step, for tests that begin in the middle of it. */
export function emailChangeOf(world: World, { client, email }: Person) {
  const post = (step: string, body: unknown) => client.post(`${BASE}/${step}`, body);
  const codeTo = async (address: string, kind: string) => (await world.newestMail(address, kind)).token;

  return {
    post,
    originalCode: () => codeTo(email, 'email_change_original'),
    newCode: (address: string) => codeTo(address, 'email_change_new'),

    async started(): Promise<{ ticket: string }> {
      return { ticket: answer<{ ticket: string }>(await post('start', {})).ticket };
    },

    async originalProved() {
      const { ticket } = await this.started();
      const code = await this.originalCode();
      const { original_proof } = answer<{ original_proof: string }>(
        await post('verify-original', { ticket, code }),
      );
      return { ticket, original_proof };
    },

    async newRequested(address: string = newEmail()) {
      const held = await this.originalProved();
      answer(await post('request-new', { ...held, new_email: address }));
      return { ...held, address, code: await this.newCode(address) };
    },

    async token(address: string = newEmail()) {
      const { ticket, original_proof, code } = await this.newRequested(address);
      const { email_token } = answer<{ email_token: string }>(
        await post('verify-new', { ticket, original_proof, code }),
      );
      return { email_token, address, ticket };
    },

    /** The whole way. The old address gets the token that would take all of it back. */
    async changed(address: string = newEmail()) {
      const { email_token } = await this.token(address);
      answer(await client.patch('/v1/users/@me', { email_token, password: PASSWORD }));
      const { token: revertToken } = await world.newestMail(email, 'email_change_revert');
      return { address, revertToken };
    },
  };
}
