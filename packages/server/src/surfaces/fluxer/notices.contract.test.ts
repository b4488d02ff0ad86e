import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emailChangeOf } from '../../testing/email-change.ts';
import { decode } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, newEmail, PASSWORD, type World } from '../../testing/index.ts';
import { type App, createFactorKit, type Person } from '../../testing/second-factors.ts';

const TOTP = '/v1/users/@me/mfa/totp';
const CODES = '/v1/users/@me/mfa/backup-codes';
const OTHER_PASSWORD = 'battery staple correct horse';
const NOTICES = new Set([
  'new_sign_in',
  'password_changed',
  'email_changed',
  'email_change_revert',
  'factor_enrolled',
  'factor_removed',
  'recovery_codes_renewed',
]);

describe.each(DIALECTS)('notices of what happened to an account on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const noticesTo = async (address: string) =>
    (await world.mails(address)).filter(({ kind }) => NOTICES.has(kind));
  const kindsTo = async (address: string) => (await noticesTo(address)).map(({ kind }) => kind);

  const login = async (client: Client, email: string, app: App) => {
    const { ticket } = decode.owedProof(await client.post('/v1/auth/login', { email, password: PASSWORD }));
    client.token = decode.token(
      await client.post('/v1/auth/login/mfa/totp', { ticket, code: app.code() }),
    ).token;
    world.clock.advance(30_000);
  };

  interface Change {
    what: string;
    kind: string;
    by(person: Person, app: App): Promise<unknown>;
  }
  const changes: readonly Change[] = [
    {
      what: 'a second factor that is removed',
      kind: 'factor_removed',
      by: async ({ client }, app) =>
        decode.empty(
          await client.post(`${TOTP}/disable`, {
            code: app.code(),
            mfa_method: 'totp',
            mfa_code: app.backupCodes[0],
          }),
        ),
    },
    {
      what: 'recovery codes that are replaced',
      kind: 'recovery_codes_renewed',
      by: async (person, app) =>
        decode.backupCodes(
          await person.client.post(CODES, { regenerate: true }, await kit.sudo(person, app)),
        ),
    },
    {
      what: 'a passkey that is added',
      kind: 'factor_enrolled',
      by: async (person, app) => await kit.passkey(person, await kit.sudo(person, app)),
    },
    {
      what: 'a password that is changed',
      kind: 'password_changed',
      by: async (person, app) => {
        const body = { password: PASSWORD, new_password: OTHER_PASSWORD };
        const reply = await person.client.send('/v1/users/@me', {
          method: 'PATCH',
          body,
          headers: await kit.sudo(person, app),
        });
        expect(reply.status, reply.text).toBe(200);
      },
    },
    {
      what: 'a password that is reset',
      kind: 'password_changed',
      by: async ({ email }) => {
        decode.empty(await world.client().post('/v1/auth/forgot', { email }));
        const { token } = await world.newestMail(email, 'password_reset');
        decode.owedProof(await world.client().post('/v1/auth/reset', { token, password: OTHER_PASSWORD }));
      },
    },
    {
      what: 'a sign-in from a new place',
      kind: 'new_sign_in',
      by: async ({ email }, app) => await login(world.client(), email, app),
    },
  ];

  it.each(changes)('tell the owner once of $what, and how to undo it [A12]', async ({ kind, by }) => {
    const person = await world.person();
    const app = await kit.totp(person);
    const before = (await noticesTo(person.email)).length;
    await by(person, app);
    const told = (await noticesTo(person.email)).slice(0, -before || undefined);
    expect(told.map((mail) => mail.kind)).toEqual([kind]);
    const [{ links = [], token = '', text = '' } = {}] = told;
    expect(token).toMatch(/^[0-9A-Za-z]{64}$/);
    expect(links).toEqual([`${world.baseUrl}/not-me#token=${token}`]);
    expect(text).not.toMatch(/\{\w+\}|undefined|null/);
    for (const secret of [PASSWORD, OTHER_PASSWORD, person.client.token ?? '', ...app.backupCodes])
      expect(text).not.toContain(secret);
  });

  it('tell of a changed e-mail address both mailboxes, once each [A12]', async () => {
    const person = await world.person();
    const address = newEmail();
    const { revertToken } = await emailChangeOf(world, person).changed(address);
    expect(await kindsTo(person.email)).toEqual(['email_change_revert']);
    expect(await kindsTo(address)).toEqual(['email_changed']);
    const { token, text } = await world.newestMail(address, 'email_changed');
    expect(token).not.toBe(revertToken);
    expect(text).toContain(`/not-me#token=${token}`);
    expect(text).not.toContain(revertToken);
  });

  it('give a mailbox that was put in by somebody else nothing to press, once it is out [A12]', async () => {
    const person = await world.person();
    const { address, revertToken } = await emailChangeOf(world, person).changed();
    const body = { token: revertToken, password: OTHER_PASSWORD };
    decode.token(await world.client().post('/v1/auth/email-revert', body));
    const [newest, earlier] = await noticesTo(address);
    expect(newest).toMatchObject({ kind: 'email_changed', links: [], token: '' });
    const reply = await world.client().form('/not-me', { token: earlier?.token ?? '' });
    expect(reply.status).toBe(400);
  });

  it('tell of a new place once, never of the first ones nor of one that is known', async () => {
    const person = await world.person();
    expect(await kindsTo(person.email)).toEqual([]);
    const app = await kit.totp(person);
    await login(person.client, person.email, app);
    const before = (await kindsTo(person.email)).length;
    const elsewhere = world.client();
    await login(elsewhere, person.email, app);
    await login(elsewhere, person.email, app);
    await login(world.client(elsewhere.address.replace(/\.\d+$/, '.99')), person.email, app);
    const told = await noticesTo(person.email);
    expect(told.length - before).toBe(1);
    expect(told[0]?.kind).toBe('new_sign_in');
    expect(told[0]?.text).toContain(`Address: ${elsewhere.address}.`);
  });

  it('tell nothing more of a new place that was approved by mail, or is still asked about', async () => {
    const careful = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' },
    });
    try {
      const { email } = await careful.person();
      const elsewhere = careful.client();
      const { ticket } = decode.newPlace(
        await elsewhere.post('/v1/auth/login', { email, password: PASSWORD }),
      );
      const { token } = await careful.newestMail(email, 'ip_authorization');
      decode.empty(await careful.client().post('/v1/auth/authorize-ip', { token }));
      const polled = await elsewhere.get(`/v1/auth/ip-authorization/poll?ticket=${ticket}`);
      expect(decode.placePoll(polled)).not.toBeNull();
      const kinds = (await careful.mails(email)).map(({ kind }) => kind);
      expect(kinds.filter((kind) => NOTICES.has(kind))).toEqual([]);
    } finally {
      await careful.close();
    }
  });

  it('tell nothing of a change that was refused', async () => {
    const { client, email } = await world.person();
    const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
    const reply = await client.post(`${TOTP}/enable`, { secret, code: '000000', password: PASSWORD });
    expect(reply.status).toBe(400);
    const wrong = { password: 'not the password', new_password: OTHER_PASSWORD };
    expect((await client.patch('/v1/users/@me', wrong)).status).toBe(400);
    expect(await kindsTo(email)).toEqual([]);
  });
});
