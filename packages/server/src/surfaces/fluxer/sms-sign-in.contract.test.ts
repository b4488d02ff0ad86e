import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { grantAdministration } from '../../core/access/index.ts';
import { setUserFactors } from '../../core/user/index.ts';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type App,
  createFactorKit,
  createFakeTwilio,
  createWorld,
  DIALECTS,
  type FakeTwilio,
  freshDatabase,
  ManualClock,
  newPhoneNumber,
  PASSWORD,
  PageClient,
  type Person,
  phoneSteps,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const OLD_TICKET = '400 INVALID_FORM_BODY code:SESSION_TIMEOUT ticket:SESSION_TIMEOUT';
/** Where no code is sent, none can be wrong. */
const NO_TICKET = '400 INVALID_FORM_BODY ticket:SESSION_TIMEOUT';
const BAD_CODE = '400 INVALID_FORM_BODY code:INVALID_CODE';
const UNAVAILABLE = '503 SERVICE_UNAVAILABLE';

/** The code that an app shows next; each counts once. */
function nextCode(world: World, app: App): string {
  world.clock.advance(30_000);
  return app.code();
}

/** SMS for somebody with an app, on an instance whose messages `codeOf` reads. */
async function enrolSms(
  world: World,
  { person, app, codeOf }: { person: Person; app: App; codeOf(phone: string): string | Promise<string> },
): Promise<string> {
  const { client } = person;
  const steps = phoneSteps(world);
  const phone = newPhoneNumber();
  const proof = () => ({ mfa_method: 'totp', mfa_code: nextCode(world, app) });
  decode.empty(await steps.send(client, phone));
  const token = decode.phoneToken(await steps.verify(client, phone, await codeOf(phone)));
  decode.empty(await steps.add(client, token, proof()));
  decode.empty(await client.post('/v1/users/@me/mfa/sms/enable', proof()));
  // What enrolling sent is not to be counted among the messages of the test.
  world.clock.advance(61 * MINUTE);
  return phone;
}

/** What can be asked of any instance. */
function stepsIn(world: World) {
  const post = (path: string, body: unknown) => world.client().post(path, body);
  return {
    async ticket(email: string): Promise<string> {
      return decode.owedProof(await post('/v1/auth/login', { email, password: PASSWORD })).ticket;
    },
    send: (ticket: string) => post('/v1/auth/login/mfa/sms/send', { ticket }),
    prove: (ticket: string, code: string) => post('/v1/auth/login/mfa/sms', { ticket, code }),
  };
}

describe.each(DIALECTS)('signing in with a code by SMS, contract 1.4, on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  async function personWithSms() {
    const person = await world.person();
    const app = await createFactorKit(world).totp(person);
    const phone = await enrolSms(world, { person, app, codeOf: codeSent });
    return { ...person, app, phone };
  }

  const ticket = (email: string) => stepsIn(world).ticket(email);
  const send = (of: string) => stepsIn(world).send(of);
  const prove = (of: string, code: string) => stepsIn(world).prove(of, code);
  const codeSent = async (phone: string) => (await world.newestMail(phone, 'sms_code')).token;
  const wrong = (code: string) => (code === '000000' ? '111111' : '000000');

  it('is offered with a hint of the number, asked for, and opens one session', async () => {
    const { client, email, userId, phone } = await personWithSms();
    const before = decode.sessions(await client.get('/v1/auth/sessions')).length;
    const owed = decode.owedProof(await world.client().post('/v1/auth/login', { email, password: PASSWORD }));
    expect(owed).toMatchObject({
      allowed_methods: ['totp', 'sms'],
      sms_phone_hint: `****${phone.slice(-4)}`,
      sms: true,
      totp: true,
      webauthn: false,
    });
    // Signing in sends nothing before it is asked to; the one message is the number's own.
    expect(await world.mails(phone)).toHaveLength(1);
    decode.empty(await send(owed.ticket));
    expect(await world.mails(phone)).toHaveLength(2);
    const code = await codeSent(phone);
    expect(decode.token(await prove(owed.ticket, code)).user_id).toBe(userId);
    expect(refusal(await prove(owed.ticket, code))).toBe(OLD_TICKET);
    expect(refusal(await send(owed.ticket))).toBe(NO_TICKET);
    expect(decode.sessions(await client.get('/v1/auth/sessions'))).toHaveLength(before + 1);
  });

  it('works under the paths of seed 000', async () => {
    const { email, phone } = await personWithSms();
    const owed = await ticket(email);
    decode.empty(await world.client().post('/v1/auth/mfa/sms/send', { ticket: owed }));
    const body = { ticket: owed, code: await codeSent(phone) };
    decode.token(await world.client().post('/v1/auth/mfa/sms', body));
  });

  it('lets one of fifty in who have the code at once [B02, K02]', async () => {
    const { client, email, phone } = await personWithSms();
    const owed = await ticket(email);
    decode.empty(await send(owed));
    const code = await codeSent(phone);
    const before = decode.sessions(await client.get('/v1/auth/sessions')).length;
    const replies = await Promise.all(Array.from({ length: 50 }, () => prove(owed, code)));
    const won = replies.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200)) {
      expect([OLD_TICKET, BAD_CODE, '429 RATE_LIMITED']).toContain(refusal(reply));
      expect(reply.headers.has('set-cookie')).toBe(false);
    }
    expect(decode.sessions(await client.get('/v1/auth/sessions'))).toHaveLength(before + 1);
  });

  it('takes a code in the sign-in that asked for it and in no other [B03]', async () => {
    const { email, phone } = await personWithSms();
    const [first, second] = [await ticket(email), await ticket(email)];
    decode.empty(await send(first));
    const code = await codeSent(phone);
    expect(refusal(await prove(second, code))).toBe(BAD_CODE);
    decode.empty(await send(second));
    const later = await codeSent(phone);
    expect(refusal(await prove(first, code))).toBe(BAD_CODE);
    expect(refusal(await prove(first, later))).toBe(BAD_CODE);
    decode.token(await prove(second, later));
  });

  it('takes no code of a sign-in for a sensitive act, nor the other way round [B03]', async () => {
    const { client, email, phone } = await personWithSms();
    const sudo = (code: string) => client.post('/v1/auth/sudo/verify', { mfa_method: 'sms', mfa_code: code });
    const owed = await ticket(email);
    decode.empty(await send(owed));
    const ofSignIn = await codeSent(phone);
    expect(refusal(await sudo(ofSignIn))).toBe('400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE');
    decode.empty(await client.post('/v1/users/@me/sudo/mfa/sms/send'));
    const ofSudo = await codeSent(phone);
    expect(refusal(await prove(owed, ofSudo))).toBe(BAD_CODE);
    decode.empty(await sudo(ofSudo));
  });

  it('takes a code for ten minutes [B03]', async () => {
    const { client, phone } = await personWithSms();
    const sudo = (code: string) => client.post('/v1/auth/sudo/verify', { mfa_method: 'sms', mfa_code: code });
    decode.empty(await client.post('/v1/users/@me/sudo/mfa/sms/send'));
    world.clock.advance(9 * MINUTE + 59_000);
    decode.empty(await sudo(await codeSent(phone)));
    decode.empty(await client.post('/v1/users/@me/sudo/mfa/sms/send'));
    world.clock.advance(10 * MINUTE + 1000);
    expect((await sudo(await codeSent(phone))).status).toBe(400);
  });

  it('counts wrong codes over all tickets and all codes [B04, B05]', async () => {
    const { email, phone } = await personWithSms();
    for (let round = 0; round < 2; round++) {
      const owed = await ticket(email);
      decode.empty(await send(owed));
      const code = await codeSent(phone);
      for (let guess = 0; guess < 5; guess++) expect(refusal(await prove(owed, wrong(code)))).toBe(BAD_CODE);
      expect((await prove(owed, code)).status).not.toBe(200);
    }
    const owed = await ticket(email);
    decode.empty(await send(owed));
    expect(refusal(await prove(owed, await codeSent(phone)))).toBe('429 RATE_LIMITED');
  });

  it('is refused to whoever has no SMS, and to nobody’s ticket', async () => {
    const person = await world.person();
    await createFactorKit(world).totp(person);
    const { email } = person;
    const login = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    expect(decode.owedProof(login)).toMatchObject({ allowed_methods: ['totp'], sms: false, totp: true });
    const page = new PageClient(world.baseUrl);
    await page.form('/login', { email, password: PASSWORD });
    expect((await page.get('/login/confirm')).text).not.toContain('by SMS');
    const owed = await ticket(email);
    expect(refusal(await send(owed))).toBe('400 SMS_MFA_NOT_ENABLED');
    expect(refusal(await prove(owed, '123456'))).toBe('400 SMS_MFA_NOT_ENABLED');
    expect(refusal(await send('x'.repeat(64)))).toBe(NO_TICKET);
    expect(refusal(await prove('x'.repeat(64), '123456'))).toBe(OLD_TICKET);
    const late = await ticket((await personWithSms()).email);
    world.clock.advance(5 * MINUTE);
    expect(refusal(await send(late))).toBe(NO_TICKET);
  });

  it('sends one number five messages in ten minutes, over all its tickets [K06]', async () => {
    const { email, phone, app } = await personWithSms();
    for (let round = 0; round < 5; round++) decode.empty(await send(await ticket(email)));
    const owed = await ticket(email);
    expect(refusal(await send(owed))).toBe('429 PHONE_RATE_LIMIT_EXCEEDED');
    expect(await world.mails(phone)).toHaveLength(1 + 5);
    // The authenticator app is still there.
    const body = { ticket: owed, code: nextCode(world, app) };
    decode.token(await world.client().post('/v1/auth/login/mfa/totp', body));
  });
});

describe.each(DIALECTS)('signing in with a code by a provider, on %s', (dialect) => {
  let world: World;
  let twilio: FakeTwilio;
  beforeAll(async () => {
    twilio = await createFakeTwilio();
    world = await createWorld({ dialect, env: { ...twilio.env, FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(async () => {
    await world.close();
    await twilio.close();
  });
  afterEach(() => twilio.misbehave(null));

  async function personWithSms() {
    const person = await world.person();
    const app = await createFactorKit(world).totp(person);
    return { ...person, phone: await enrolSms(world, { person, app, codeOf: twilio.codeOf }) };
  }

  it('that is away spends neither ticket nor tries nor messages [L05, N06]', async () => {
    const { ticket, send, prove } = stepsIn(world);
    const { email, phone } = await personWithSms();
    const owed = await ticket(email);
    twilio.misbehave('cut');
    for (let round = 0; round < 8; round++) expect(refusal(await send(owed))).toBe(UNAVAILABLE);
    twilio.misbehave(null);
    decode.empty(await send(owed));
    twilio.misbehave({ status: 503, body: '' });
    // A ticket has five tries, an account ten.
    for (let round = 0; round < 12; round++) {
      const reply = await prove(owed, twilio.codeOf(phone));
      expect(refusal(reply)).toBe(UNAVAILABLE);
      expect(reply.headers.has('retry-after')).toBe(true);
    }
    twilio.misbehave(null);
    decode.token(await prove(owed, twilio.codeOf(phone)));
  });

  it('that repeats its codes gives two sign-ins two of them [B03]', async () => {
    const { ticket, send, prove } = stepsIn(world);
    const { email, phone } = await personWithSms();
    const [first, second] = [await ticket(email), await ticket(email)];
    decode.empty(await send(first));
    const code = twilio.codeOf(phone);
    decode.empty(await send(second));
    expect(refusal(await prove(first, code))).toBe(BAD_CODE);
    if (twilio.codeOf(phone) !== code) expect(refusal(await prove(second, code))).toBe(BAD_CODE);
    decode.token(await prove(second, twilio.codeOf(phone)));
  });
});

describe.each(DIALECTS)('SMS switched off later on %s', (dialect) => {
  /** Somebody with an app and SMS, on an instance that still sent any. */
  async function enrolledBefore() {
    const database = await freshDatabase(dialect);
    const clock = new ManualClock();
    const before = await createWorld({ dialect, database, clock });
    const person = await before.person();
    const app = await createFactorKit(before).totp(person);
    const phone = await enrolSms(before, { person, app, codeOf: phoneSteps(before).codeSent });
    return { database, clock, before, person, app, phone };
  }

  it('sends nothing more, and leaves the authenticator app to sign in with [B10]', async () => {
    const { database, clock, before, person, app, phone } = await enrolledBefore();
    const { email } = person;
    await before.close();
    const world = await createWorld({
      dialect,
      database,
      clock,
      env: { FLUXGATE_DEV_MAILBOX: 'off' },
    });
    const { ticket, send, prove } = stepsIn(world);
    const owed = await ticket(email);
    expect(refusal(await send(owed))).toBe('400 SMS_MFA_NOT_ENABLED');
    expect(refusal(await prove(owed, '123456'))).toBe(BAD_CODE);
    const { db } = world.instance.storage;
    const kept = await db.selectFrom('dev_mail').select('id').where('to_normal', '=', phone).execute();
    expect(kept).toHaveLength(1);
    const body = { ticket: owed, code: nextCode(world, app) };
    decode.token(await world.client().post('/v1/auth/login/mfa/totp', body));
    await world.close();
    await database.drop();
  });

  it('is not named where a fresh proof is asked for, and sends nothing there either [D08]', async () => {
    const { database, clock, before, person, app } = await enrolledBefore();
    const { storage, project } = before.instance;
    await storage.transaction((tx) =>
      grantAdministration(tx, { projectId: project.id, userId: person.userId, now: clock.now() }),
    );
    const browser = new PageClient(before.baseUrl);
    await browser.form('/login', { email: person.email, password: PASSWORD });
    const shown = { method: 'code', code: nextCode(before, app) };
    expect(await browser.go('/login/confirm', shown)).toBe('303 /account');
    expect((await browser.form('/account/security/recovery-codes', {})).text).toContain('sms-send');
    const listed = '/v1/users/@me/sudo/mfa-methods';
    expect((await person.client.get(listed)).json).toMatchObject({ totp: true, sms: true });
    await before.close();
    const world = await createWorld({ dialect, database, clock, env: { FLUXGATE_DEV_MAILBOX: 'off' } });
    const client = world.client();
    client.token = person.client.token;
    const act = (proof: object) =>
      client.post('/v1/users/@me/mfa/backup-codes', { regenerate: true, ...proof });
    expect((await client.get(listed)).json).toEqual({
      totp: true,
      sms: false,
      webauthn: false,
      has_mfa: true,
    });
    expect((await act({})).json).toMatchObject({
      code: 'SUDO_MODE_REQUIRED',
      has_mfa: true,
      methods: { totp: true, sms: false, webauthn: false, password: false },
    });
    expect(refusal(await client.post('/v1/users/@me/sudo/mfa/sms/send'))).toBe('400 SMS_MFA_NOT_ENABLED');
    const page = new PageClient(world.baseUrl);
    for (const [name, value] of browser.cookies) page.cookies.set(name, value);
    expect((await page.get('/admin/v1/me')).json).toMatchObject({ sudo_methods: ['totp', 'recovery-code'] });
    const prompt = await page.form('/account/security/recovery-codes', {});
    expect(prompt.text).toContain('authenticator app');
    expect(prompt.text).not.toContain('sms-send');
    expect((await act({ mfa_method: 'totp', mfa_code: nextCode(world, app) })).status).toBe(200);
    await world.close();
    await database.drop();
  });

  it('lets nobody past who has nothing else, but in by a recovery code [B09, B10]', async () => {
    const { database, clock, before, person, app } = await enrolledBefore();
    // As a session of Flux may leave it, where SMS needs no app beside it.
    const { db } = before.instance.storage;
    await db.deleteFrom('totp_credential').where('user_id', '=', person.userId).execute();
    await before.instance.storage.transaction((tx) => setUserFactors(tx, person.userId, ['sms-code']));
    await before.close();
    const world = await createWorld({ dialect, database, clock, env: { FLUXGATE_DEV_MAILBOX: 'off' } });
    const { email } = person;
    const login = await world.client().post('/v1/auth/login', { email, password: PASSWORD });
    const owed = decode.owedProof(login);
    expect(owed).toMatchObject({ allowed_methods: [], sms: false, totp: false, webauthn: false });
    expect(login.text).not.toContain('"token"');
    const body = { ticket: owed.ticket, code: app.backupCodes[0] };
    decode.token(await world.client().post('/v1/auth/login/mfa/totp', body));
    const page = new PageClient(world.baseUrl);
    await page.form('/login', { email, password: PASSWORD });
    const [, second = '', third = ''] = app.backupCodes;
    expect(await page.go('/login/confirm', { method: 'code', code: second })).toBe('303 /account');
    const codes = '/account/security/recovery-codes';
    expect((await page.form(codes, {})).text).toContain('Use a recovery code');
    expect((await page.form(codes, { method: 'code', code: third })).text).toContain('Your recovery codes');
    await world.close();
    await database.drop();
  });
});
