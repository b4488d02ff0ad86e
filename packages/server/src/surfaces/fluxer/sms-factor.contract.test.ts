import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type App,
  type Client,
  createFactorKit,
  createWorld,
  DIALECTS,
  newPhoneNumber,
  PASSWORD,
  phoneSteps,
  type World,
} from '../../testing/index.ts';

describe.each(DIALECTS)('SMS as a second factor, contract 4.5, on %s', (dialect) => {
  let world: World;
  let steps: ReturnType<typeof phoneSteps>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    steps = phoneSteps(world);
  });
  afterAll(() => world.close());

  /** What a sensitive request carries; every code of the app counts once. */
  function proof(app: App) {
    world.clock.advance(30_000);
    return { mfa_method: 'totp', mfa_code: app.code() };
  }
  const enable = (client: Client, app: App) => client.post('/v1/users/@me/mfa/sms/enable', proof(app));
  const disable = (client: Client, app: App) => client.post('/v1/users/@me/mfa/sms/disable', proof(app));
  const typesOf = async (client: Client) =>
    decode.user(await client.get('/v1/users/@me'))['authenticator_types'];

  async function personWithBoth() {
    const person = await steps.personWithPhone();
    return { ...person, app: await createFactorKit(world).totp(person) };
  }

  it('needs an authenticator app and a number; keeps the number while it is on', async () => {
    const person = await world.person();
    const { client, userId } = person;
    const early = await client.post('/v1/users/@me/mfa/sms/enable', { password: PASSWORD });
    expect(refusal(early)).toBe('400 SMS_MFA_REQUIRES_TOTP');
    const app = await createFactorKit(world).totp(person);
    expect(refusal(await enable(client, app))).toBe('400 PHONE_REQUIRED_FOR_SMS_MFA');
    const phone = newPhoneNumber();
    decode.empty(await steps.add(client, await steps.verified(client, phone), proof(app)));
    expect(await typesOf(client)).toEqual([0]);
    decode.empty(await enable(client, app));
    expect(await typesOf(client)).toEqual([0, 1]);
    expect(refusal(await steps.remove(client, proof(app)))).toBe('400 SMS_MFA_NOT_ENABLED');
    expect(await steps.phoneOf(client)).toBe(phone);
    decode.empty(await disable(client, app));
    expect(await typesOf(client)).toEqual([0]);
    decode.empty(await steps.remove(client, proof(app)));
    expect(await steps.phoneOf(client)).toBeNull();
    const told = (await steps.events(userId)).filter((event) =>
      /^(factor|contact)\.(?!verified)/.test(event),
    );
    expect(told).toEqual([
      'factor.enrolled',
      'contact.added',
      'factor.enrolled',
      'factor.removed',
      'contact.removed',
    ]);
  });

  it('is told to its owner by mail, once, however often it is asked for [A12]', async () => {
    const { client, email, app } = await personWithBoth();
    const before = (await world.mails(email)).filter(({ kind }) => kind === 'factor_enrolled').length;
    for (let round = 0; round < 2; round++) decode.empty(await enable(client, app));
    for (let round = 0; round < 2; round++) decode.empty(await disable(client, app));
    const kinds = (await world.mails(email)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'factor_enrolled')).toHaveLength(before + 1);
    expect(kinds.filter((kind) => kind === 'factor_removed')).toHaveLength(1);
  });

  it('goes with the authenticator app, and leaves the number', async () => {
    const { client, phone, app } = await personWithBoth();
    decode.empty(await enable(client, app));
    const { headers } = await client.post('/v1/auth/sudo/verify', proof(app));
    const sudo = { 'x-fluxer-sudo-mode-jwt': headers.get('x-fluxer-sudo-mode-jwt') ?? '' };
    world.clock.advance(30_000);
    const code = app.code();
    decode.empty(await client.post('/v1/users/@me/mfa/totp/disable', { code }, sudo));
    expect(await typesOf(client)).toEqual([]);
    expect(await steps.phoneOf(client)).toBe(phone);
    decode.empty(await steps.remove(client));
  });

  it('follows its owner to another number, which the codes then go to and a mail tells of [A12, B10]', async () => {
    const { client, email, phone, app } = await personWithBoth();
    decode.empty(await enable(client, app));
    const notices = async () =>
      (await world.mails(email)).filter(({ kind }) => kind === 'factor_enrolled').length;
    const told = await notices();
    const another = newPhoneNumber();
    decode.empty(await steps.add(client, await steps.verified(client, another), proof(app)));
    expect(await notices()).toBe(told + 1);
    const login = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    const { ticket, sms_phone_hint } = decode.owedProof(login);
    expect(sms_phone_hint).toBe(`****${another.slice(-4)}`);
    const before = (await world.mails(phone)).length;
    decode.empty(await world.client().post('/v1/auth/login/mfa/sms/send', { ticket }));
    expect(await world.mails(phone)).toHaveLength(before);
    const code = await steps.codeSent(another);
    decode.token(await world.client().post('/v1/auth/login/mfa/sms', { ticket, code }));
  });

  it('is told to clients before they offer it', async () => {
    const reply = await world.client().get('/.well-known/fluxer');
    expect(reply.json).toMatchObject({ features: { sms_mfa_enabled: true } });
  });
});

describe.each(DIALECTS)('an instance without SMS on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    const env = { FLUXGATE_REQUIRE_VERIFIED_EMAIL: 'off', FLUXGATE_DEV_MAILBOX: 'off' };
    world = await createWorld({ dialect, env });
  });
  afterAll(() => world.close());

  it('sends nothing from anywhere, says so, and lets people take away what they had [B10]', async () => {
    const client = world.client();
    client.token = decode.token(await world.register(client)).token;
    const unavailable = '400 SMS_VERIFICATION_UNAVAILABLE';
    const body = { phone: newPhoneNumber(), code: '123456', password: PASSWORD };
    expect(refusal(await client.post('/v1/users/@me/phone/send-verification', body))).toBe(unavailable);
    expect(refusal(await client.post('/v1/users/@me/phone/verify', body))).toBe(unavailable);
    expect(refusal(await client.post('/v1/users/@me/mfa/sms/enable', body))).toBe(unavailable);
    decode.empty(await client.post('/v1/users/@me/mfa/sms/disable', body));
    decode.empty(await client.send('/v1/users/@me/phone', { method: 'DELETE', body }));
    const reply = await client.get('/.well-known/fluxer');
    expect(reply.json).toMatchObject({ features: { sms_mfa_enabled: false } });
  });
});
