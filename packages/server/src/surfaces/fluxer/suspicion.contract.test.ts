import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type Client,
  createWorld,
  DIALECTS,
  newEmail,
  newPhoneNumber,
  PASSWORD,
  phoneSteps,
  type World,
} from '../../testing/index.ts';

const ALL = [
  'REQUIRE_VERIFIED_EMAIL',
  'REQUIRE_REVERIFIED_EMAIL',
  'REQUIRE_VERIFIED_PHONE',
  'REQUIRE_REVERIFIED_PHONE',
  'REQUIRE_VERIFIED_EMAIL_OR_VERIFIED_PHONE',
  'REQUIRE_REVERIFIED_EMAIL_OR_VERIFIED_PHONE',
  'REQUIRE_VERIFIED_EMAIL_OR_REVERIFIED_PHONE',
  'REQUIRE_REVERIFIED_EMAIL_OR_REVERIFIED_PHONE',
] as const;
const SUSPECTED = '403 ACCOUNT_SUSPICIOUS_ACTIVITY';
/** Needs no session at all. */
const LOGOUT = '/v1/auth/logout';
/** Contract 5.5. */
const EXEMPT = [
  `POST ${LOGOUT}`,
  'GET /v1/auth/sessions',
  'POST /v1/auth/sessions/logout',
  'POST /v1/auth/verify/resend',
  'POST /v1/users/@me/phone',
  'POST /v1/users/@me/phone/send-verification',
  'POST /v1/users/@me/phone/verify',
  'POST /v1/users/@me/email-change/bounced/request-new',
  'POST /v1/users/@me/email-change/bounced/resend-new',
  'POST /v1/users/@me/email-change/bounced/verify-new',
];

describe.each(DIALECTS)('accounts under suspicion, contract 5.5, on %s', (dialect) => {
  let world: World;
  let admin: (method: string, path: string, body?: unknown) => ReturnType<Client['send']>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const token = (await world.instance.setup.issueLink(world.instance.project.id)) ?? '';
    const made = await world.client().form('/setup', { token, email: newEmail(), password: PASSWORD });
    let cookie = made.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    admin = async (method, path, body) => {
      const reply = await world
        .client()
        .send(`/admin/v1${path}`, { method, body, headers: { cookie, origin: world.baseUrl } });
      cookie = reply.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
      return reply;
    };
    expect((await admin('POST', '/sudo', { password: PASSWORD })).status).toBe(204);
  });
  afterAll(() => world.close());

  const suspect = (userId: string, flags: unknown) =>
    admin('PATCH', `/users/${userId}/suspicious-flags`, { flags });
  const me = (client: Client) => client.get('/v1/users/@me');
  const flagsOf = async (userId: string) =>
    ((await admin('GET', `/users/${userId}`)).json as { suspicious_flags: string[] }).suspicious_flags;

  async function suspected(flags: readonly string[]) {
    const person = await world.person();
    expect((await suspect(person.userId, flags)).json).toMatchObject({ suspicious_flags: flags });
    return person;
  }

  it('may take the ways out and nothing else that needs a session', async () => {
    const { client } = await suspected(['REQUIRE_REVERIFIED_EMAIL']);
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, { security?: object[] }>>;
    };
    const routes = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, verbs]) =>
        Object.entries(verbs).map(([verb, { security }]) => ({ path, verb, security })),
      )
      .filter(({ security }) => security?.some((scheme) => 'sessionToken' in scheme))
      // Last, because nothing comes after it.
      .sort((a, b) => Number(a.path === LOGOUT) - Number(b.path === LOGOUT));
    expect(routes.length).toBeGreaterThan(30);
    const open: string[] = [];
    for (const { path, verb } of routes) {
      const method = verb.toUpperCase();
      const reply = await client.send(path.replace(/\{\w+\}/g, 'x'), {
        method,
        ...(method !== 'GET' && { body: { password: 'not the right one' } }),
      });
      if (reply.status !== 403 || refusal(reply) !== SUSPECTED) open.push(`${method} ${path}`);
    }
    expect(open.sort()).toEqual([...EXEMPT].sort());
  });

  it('is told so with the bits, from the first request after it was said and until it is taken back', async () => {
    const { client, userId } = await world.person();
    expect(decode.user(await me(client))['required_actions']).toEqual([]);
    await suspect(userId, ['REQUIRE_REVERIFIED_EMAIL', 'REQUIRE_REVERIFIED_EMAIL_OR_REVERIFIED_PHONE']);
    for (let round = 0; round < 2; round++) {
      const reply = await me(client);
      expect(refusal(reply)).toBe(SUSPECTED);
      expect(reply.json).toMatchObject({ data: { suspicious_activity_flags: 130 } });
    }
    await suspect(userId, []);
    expect(decode.user(await me(client))['required_actions']).toEqual([]);
  });

  it('may still sign in and out', async () => {
    const { email } = await suspected(['REQUIRE_VERIFIED_PHONE']);
    const client = world.client();
    client.token = decode.token(await client.post('/v1/auth/login', { email, password: PASSWORD })).token;
    expect(refusal(await me(client))).toBe(SUSPECTED);
    expect(decode.sessions(await client.get('/v1/auth/sessions'))).toHaveLength(3);
    decode.empty(await client.post('/v1/auth/logout'));
    expect(refusal(await me(client))).toBe('401 UNAUTHORIZED');
  });

  it.each(ALL.map((name, bit) => [name, bit] as const))(
    'by %s gets out by the mailbox where that helps',
    async (name, bit) => {
      const { client, userId, email } = await suspected([name]);
      const mailsBefore = (await world.mails(email)).length;
      decode.empty(await client.post('/v1/auth/verify/resend'));
      const again = [1, 5, 6, 7].includes(bit);
      expect((await world.mails(email)).length - mailsBefore).toBe(again ? 1 : 0);
      expect(await flagsOf(userId)).toEqual([name]);
      if (!again) return;
      const { token } = await world.newestMail(email, 'email_verification');
      decode.empty(await world.client().post('/v1/auth/verify', { token }));
      expect(await flagsOf(userId)).toEqual([]);
      expect(decode.user(await me(client))).toMatchObject({ required_actions: [], verified: true });
    },
  );

  it('keeps what a mailbox does not settle', async () => {
    const { client, userId, email } = await suspected(ALL);
    decode.empty(await client.post('/v1/auth/verify/resend'));
    const { token } = await world.newestMail(email, 'email_verification');
    decode.empty(await world.client().post('/v1/auth/verify', { token }));
    expect(await flagsOf(userId)).toEqual(['REQUIRE_VERIFIED_PHONE', 'REQUIRE_REVERIFIED_PHONE']);
    expect((await me(client)).json).toMatchObject({ data: { suspicious_activity_flags: 12 } });
  });

  it('of an unconfirmed address settles the first flag by the mail that was sent at first', async () => {
    const client = world.client();
    const reply = await world.register(client);
    const { token, user_id: userId } = decode.token(reply);
    client.token = token;
    await suspect(userId, ['REQUIRE_VERIFIED_EMAIL', 'REQUIRE_VERIFIED_EMAIL_OR_VERIFIED_PHONE']);
    const mail = await world.newestMail(reply.email, 'email_verification');
    decode.empty(await world.client().post('/v1/auth/verify', { token: mail.token }));
    expect(decode.user(await me(client)).verified).toBe(true);
  });

  it('gets out by a phone where that helps', async () => {
    const steps = phoneSteps(world);
    const { client, userId } = await suspected(ALL);
    const phone = newPhoneNumber();
    decode.empty(await steps.add(client, await steps.verified(client, phone)));
    expect(await flagsOf(userId)).toEqual(['REQUIRE_VERIFIED_EMAIL', 'REQUIRE_REVERIFIED_EMAIL']);
    await suspect(userId, ['REQUIRE_REVERIFIED_PHONE']);
    decode.empty(await steps.add(client, await steps.verified(client, phone)));
    expect(decode.user(await me(client))).toMatchObject({ phone, required_actions: [] });
  });

  it('gets out by another mailbox in place of one that is gone', async () => {
    const { client, userId, email } = await suspected(['REQUIRE_REVERIFIED_EMAIL', 'REQUIRE_VERIFIED_PHONE']);
    await world.instance.contacts.noteBounce({ projectId: world.instance.project.id, address: email });
    const address = newEmail();
    const base = '/v1/users/@me/email-change/bounced';
    const asked = await client.post(`${base}/request-new`, { new_email: address });
    const { ticket } = asked.json as { ticket: string };
    const { token: code } = await world.newestMail(address, 'email_change_new');
    const user = decode.user(await client.post(`${base}/verify-new`, { ticket, code }));
    expect(user).toMatchObject({ email: address, required_actions: ['REQUIRE_VERIFIED_PHONE'] });
    expect(await flagsOf(userId)).toEqual(['REQUIRE_VERIFIED_PHONE']);
  });

  it('gets out by a reset, which proves the mailbox too', async () => {
    const { client, userId, email } = await suspected([
      'REQUIRE_REVERIFIED_EMAIL',
      'REQUIRE_REVERIFIED_PHONE',
    ]);
    decode.empty(await client.post('/v1/auth/forgot', { email }));
    const { token } = await world.newestMail(email, 'password_reset');
    decode.token(await client.post('/v1/auth/reset', { token, password: 'staple battery horse correct' }));
    expect(await flagsOf(userId)).toEqual(['REQUIRE_REVERIFIED_PHONE']);
  });

  it('was named by an administrator, which the trail tells', async () => {
    const { userId } = await suspected(['REQUIRE_VERIFIED_PHONE', 'REQUIRE_REVERIFIED_PHONE']);
    const { items } = (await admin('GET', `/audit?user_id=${userId}&event=user.suspected`)).json as {
      items: object[];
    };
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      actor_id: expect.any(String),
      address: expect.any(String),
      details: { flags: 'REQUIRE_VERIFIED_PHONE,REQUIRE_REVERIFIED_PHONE' },
    });
  });

  it.each([
    [undefined],
    [null],
    ['REQUIRE_VERIFIED_PHONE'],
    [['REQUIRE_SOMETHING']],
    [['require_verified_phone']],
    [[1]],
    [[null]],
    [{ flags: [] }],
    [255],
    [Array(9).fill('REQUIRE_VERIFIED_PHONE')],
  ])('is not named by %j', async (flags) => {
    const { userId, client } = await world.person();
    expect((await suspect(userId, flags)).status).toBe(400);
    expect((await suspect('1', [])).status).toBe(404);
    decode.user(await me(client));
  });
});
