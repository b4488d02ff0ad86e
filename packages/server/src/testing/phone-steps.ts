import type { Client, Reply } from './client.ts';
import { decode } from './fluxer-decoder.ts';
import { PASSWORD, type World } from './world.ts';

let lastNumber = 0;

/** A German mobile number that nobody else in this test process has. */
export function newPhoneNumber(): string {
  return `+49170${String(lastNumber++).padStart(7, '0')}`;
}

/** What a client does with a phone number, step by step (contract 4.4). */
export function phoneSteps(world: World) {
  const send = (client: Client, phone: string): Promise<Reply> =>
    client.post('/v1/users/@me/phone/send-verification', { phone });
  const verify = (client: Client, phone: string, code: string): Promise<Reply> =>
    client.post('/v1/users/@me/phone/verify', { phone, code });
  const add = (client: Client, token: string, proof: object = { password: PASSWORD }): Promise<Reply> =>
    client.post('/v1/users/@me/phone', { phone_token: token, ...proof });
  const remove = (client: Client, proof: object = { password: PASSWORD }): Promise<Reply> =>
    client.send('/v1/users/@me/phone', { method: 'DELETE', body: proof });
  const codeSent = async (phone: string) => (await world.newestMail(phone, 'sms_code')).token;

  /** A phone token for the number. */
  async function verified(client: Client, phone: string): Promise<string> {
    decode.empty(await send(client, phone));
    return decode.phoneToken(await verify(client, phone, await codeSent(phone)));
  }

  return {
    send,
    verify,
    add,
    remove,
    codeSent,
    verified,
    phoneOf: async (client: Client) => decode.user(await client.get('/v1/users/@me'))['phone'],
    async personWithPhone() {
      const person = await world.person();
      const phone = newPhoneNumber();
      decode.empty(await add(person.client, await verified(person.client, phone)));
      return { ...person, phone };
    },
    /** Events of the audit trail, oldest first. */
    async events(userId: string): Promise<string[]> {
      const { db } = world.instance.storage;
      const rows = await db
        .selectFrom('audit_record')
        .select('event')
        .where('user_id', '=', userId)
        .orderBy('id')
        .execute();
      return rows.map(({ event }) => event);
    },
  };
}
