import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';
import { createNameServer } from '../../testing/name-server.ts';

const refused = (field: string) => `400 INVALID_FORM_BODY ${field}:INVALID_EMAIL_ADDRESS`;

describe.each(DIALECTS)(
  'addresses at which no mail can arrive, contract 1.2, 1.10 and 4.7, on %s',
  (dialect) => {
    let world: World;
    let server: Awaited<ReturnType<typeof createNameServer>>;
    beforeAll(async () => {
      server = await createNameServer({ 'example.com': { mx: ['mail.example.com'] } });
      world = await createWorld({
        dialect,
        env: {
          FLUXGATE_CHECK_EMAIL_DOMAIN: 'on',
          FLUXGATE_DNS_SERVERS: server.address,
          FLUXGATE_RATE_LIMITS: 'off',
        },
      });
    });
    afterAll(async () => {
      await world.close();
      await server.close();
    });

    const elsewhere = () => newEmail().replace('example.com', 'nowhere.example');

    it('make no account, by the API or on the page', async () => {
      const email = elsewhere();
      expect(refusal(await world.register(world.client(), { email }))).toBe(refused('email'));
      const page = await world.client().form('/register', { email, password: PASSWORD, consent: 'yes' });
      expect(page.status).toBe(400);
      expect(page.text).toContain('No mail can arrive at this address.');
      expect(await world.mails(email)).toEqual([]);
      decode.token(await world.register(world.client()));
      decode.token(await world.register(world.client(), { email: null, password: null }));
    });

    it('are sent no way back in, in the same words for an account that has one [A09]', async () => {
      const { email, userId } = await world.person();
      const gone = elsewhere();
      const { db } = world.instance.storage;
      await db
        .updateTable('contact')
        .set({ address: gone, address_normal: gone })
        .where('user_id', '=', userId)
        .execute();
      const forgot = (address: string) => world.client().post('/v1/auth/forgot', { email: address });
      const [known, unknown] = [await forgot(gone), await forgot(elsewhere())];
      expect(refusal(known)).toBe(refused('email'));
      expect(known.text).toBe(unknown.text);
      decode.empty(await forgot(email));
    });

    it('do not replace one that works', async () => {
      const { client } = await world.person();
      const started = await client.post('/v1/users/@me/email-change/start', {});
      const { ticket, original_email: original } = started.json as { ticket: string; original_email: string };
      const { token: code } = await world.newestMail(original, 'email_change_original');
      const verified = await client.post('/v1/users/@me/email-change/verify-original', { ticket, code });
      const { original_proof } = verified.json as { original_proof: string };
      const request = (new_email: string) =>
        client.post('/v1/users/@me/email-change/request-new', { ticket, new_email, original_proof });
      expect(refusal(await request(elsewhere()))).toBe(refused('new_email'));
      expect((await request(newEmail())).status).toBe(200);
    });

    it('do not replace one that is gone', async () => {
      const { client, email } = await world.person();
      await world.instance.contacts.noteBounce({ projectId: world.instance.project.id, address: email });
      const request = (new_email: string) =>
        client.post('/v1/users/@me/email-change/bounced/request-new', { new_email });
      expect(refusal(await request(elsewhere()))).toBe(refused('new_email'));
      expect((await request(newEmail())).status).toBe(200);
    });

    it('are given the benefit of the doubt while the name server is away', async () => {
      server.mood = 'failing';
      decode.token(await world.register(world.client(), { email: 'ada@doubtful.example' }));
      expect(world.logLines.some((line) => line.includes('check_email_domain'))).toBe(true);
      server.mood = 'good';
    });
  },
);
