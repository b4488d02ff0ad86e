import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type App,
  type Client,
  createFactorKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  PASSWORD,
  type RequestOptions,
  type World,
} from '../../testing/index.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const WRONG = '400 INVALID_FORM_BODY code:INVALID_CODE';
const OVER = '400 INVALID_FORM_BODY code:SESSION_TIMEOUT ticket:SESSION_TIMEOUT';
const OVER_TICKET = '400 INVALID_FORM_BODY ticket:SESSION_TIMEOUT';
const NO_PASSKEY = '401 PASSKEY_AUTHENTICATION_FAILED';

describe.each(DIALECTS)('the second proof of a sign-in on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const owed = async (email: string, client: Client = world.client()) =>
    decode.owedProof(await client.post('/v1/auth/login', { email, password: PASSWORD }));
  const byCode = (ticket: string, code: string, path = '/v1/auth/login/mfa/totp') =>
    world.client().post(path, { ticket, code });

  async function withApp() {
    const person = await world.person();
    const app = await kit.totp(person);
    return { person, app };
  }

  describe('by an authenticator app', () => {
    it('is asked for after the right password, and the session comes only with it [B09, bug 15, bug 16, bug 23]', async () => {
      const { person, app } = await withApp();
      const client = world.client();
      const login = await client.post('/v1/auth/login', { email: person.email, password: PASSWORD });
      const answer = decode.owedProof(login);
      expect(answer).toMatchObject({ allowed_methods: ['totp'], totp: true, sms: false, webauthn: false });
      expect(answer.sms_phone_hint).toBeNull();
      expect(login.headers.has('set-cookie')).toBe(false);
      for (const token of [answer.ticket, `Bearer ${answer.ticket}`]) {
        client.token = token;
        expect(refusal(await client.get('/v1/users/@me'))).toBe('401 UNAUTHORIZED');
      }
      const reply = await byCode(answer.ticket, app.code());
      const signedIn = decode.token(reply);
      expect(signedIn.user_id).toBe(person.userId);
      expect(reply.headers.get('set-cookie')).toContain('fluxer_session=');
      client.token = signedIn.token;
      decode.user(await client.get('/v1/users/@me'));
    });

    it('takes a code once, also for another ticket [B02, bug 9]', async () => {
      const { person, app } = await withApp();
      const code = app.code();
      decode.token(await byCode((await owed(person.email)).ticket, code));
      expect(refusal(await byCode((await owed(person.email)).ticket, code))).toBe(WRONG);
      world.clock.advance(31 * SECOND);
      const { ticket } = await owed(person.email);
      expect(refusal(await byCode(ticket, code))).toBe(WRONG);
      decode.token(await byCode(ticket, app.code()));
    });

    it('takes the step before and after, not two away [B01]', async () => {
      for (const [steps, isGood] of [
        [-2, false],
        [-1, true],
        [1, true],
        [2, false],
      ] as const) {
        const { person, app } = await withApp();
        world.clock.advance(MINUTE);
        const reply = await byCode((await owed(person.email)).ticket, app.code(steps));
        expect(reply.status, `${steps} steps`).toBe(isGood ? 200 : 400);
      }
    });

    it('ends a ticket with five wrong codes, whatever comes sixth [bug 18, B04]', async () => {
      const { person, app } = await withApp();
      const { ticket } = await owed(person.email);
      for (let tries = 0; tries < 5; tries++) expect(refusal(await byCode(ticket, app.wrong()))).toBe(WRONG);
      expect(refusal(await byCode(ticket, app.code()))).toBe(OVER);
      decode.token(await byCode((await owed(person.email)).ticket, app.code()));
    });

    it('stops an account after ten wrong codes over all its tickets, for a quarter of an hour [B05, bug 18]', async () => {
      const { person, app } = await withApp();
      for (let round = 0; round < 2; round++) {
        const { ticket } = await owed(person.email);
        for (let tries = 0; tries < 5; tries++) await byCode(ticket, app.wrong());
      }
      const stopped = await byCode((await owed(person.email)).ticket, app.code());
      expect(refusal(stopped)).toBe('429 RATE_LIMITED');
      world.clock.advance(15 * MINUTE);
      decode.token(await byCode((await owed(person.email)).ticket, app.code()));
    });

    it('gives no tries of its own to a network where somebody had only the password [B05, K04]', async () => {
      const { person, app } = await withApp();
      const flux = await createFluxProject(world, { projectId: world.instance.project.id });
      const statuses = new Set<string>();
      for (let network = 0; network < 4; network++) {
        const stranger = world.client(`203.0.${113 + network}.9`);
        const half = await flux.page(
          '/sign_in/password',
          { email: person.email, password: PASSWORD },
          stranger,
        );
        expect(half.json).toMatchObject({ session: { mfa_required: true } });
        const { ticket } = await owed(person.email, stranger);
        for (let tries = 0; tries < 5; tries++) {
          const reply = await stranger.post('/v1/auth/login/mfa/totp', { ticket, code: app.wrong() });
          if (network > 1) statuses.add(refusal(reply));
        }
      }
      expect([...statuses]).toEqual(['429 RATE_LIMITED']);
    });

    it('evaluates of fifty wrong codes at once no more than the ticket allows [K02, bug 4, bug 67]', async () => {
      const { person, app } = await withApp();
      const { ticket } = await owed(person.email);
      const replies = await Promise.all(Array.from({ length: 50 }, () => byCode(ticket, app.wrong())));
      expect(replies.map(refusal).filter((text) => text === WRONG)).toHaveLength(5);
      expect(refusal(await byCode(ticket, app.code()))).toBe(OVER);
    });

    it('keeps a ticket for five minutes and not longer [N08]', async () => {
      const { person, app } = await withApp();
      const { ticket } = await owed(person.email);
      world.clock.advance(5 * MINUTE - 1);
      expect(refusal(await byCode(ticket, app.wrong()))).toBe(WRONG);
      world.clock.advance(1);
      expect(refusal(await byCode(ticket, app.code()))).toBe(OVER);
    });

    it('lets one of fifty equal codes in, on one ticket or on many [B02]', async () => {
      const { person, app } = await withApp();
      const same = await owed(person.email);
      const many = await Promise.all(Array.from({ length: 25 }, () => owed(person.email)));
      const tickets = [...many, ...Array.from({ length: 5 }, () => same)].map(({ ticket }) => ticket);
      const code = app.code();
      const replies = await Promise.all(tickets.map((ticket) => byCode(ticket, code)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('takes a backup code in the same field, once', async () => {
      const { person, app } = await withApp();
      const [first = '', second = ''] = app.backupCodes;
      const replies = await Promise.all(
        Array.from({ length: 20 }, async () => byCode((await owed(person.email)).ticket, first)),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      world.clock.advance(15 * MINUTE);
      const { ticket } = await owed(person.email);
      expect(refusal(await byCode(ticket, first))).toBe(WRONG);
      decode.token(await byCode(ticket, second.toUpperCase()));
    });

    it('answers an unknown, a foreign and a spent ticket alike', async () => {
      const { person, app } = await withApp();
      const other = await withApp();
      const { ticket } = await owed(other.person.email);
      expect(refusal(await byCode('x'.repeat(64), app.code()))).toBe(OVER);
      expect(refusal(await byCode(ticket, app.code()))).toBe(WRONG);
      const mine = await owed(person.email);
      decode.token(await byCode(mine.ticket, app.code()));
      world.clock.advance(MINUTE);
      expect(refusal(await byCode(mine.ticket, app.code()))).toBe(OVER);
    });

    it('voids the ticket of a password that was reset meanwhile, and of an account that was suspended [bug 12, bug 33]', async () => {
      const { person, app } = await withApp();
      const before = await owed(person.email);
      world.clock.advance(SECOND);
      await world.client().post('/v1/auth/forgot', { email: person.email });
      const { token } = await world.newestMail(person.email, 'password_reset');
      decode.owedProof(await world.client().post('/v1/auth/reset', { token, password: PASSWORD }));
      expect(refusal(await byCode(before.ticket, app.code()))).toBe(OVER);
      const { ticket } = await owed(person.email);
      const actor = { userId: null, sessionId: null, origin: null };
      const { users, project } = world.instance;
      await users.suspend({ projectId: project.id, id: person.userId, reason: null, actor });
      expect(refusal(await byCode(ticket, app.code()))).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    });

    it('takes nothing for a code but a code [bug 13]', async () => {
      const { person, app } = await withApp();
      const { ticket } = await owed(person.email);
      for (const body of [undefined, {}, { ticket }, { code: app.code() }, { ticket, code: null }]) {
        const reply = await world.client().post('/v1/auth/login/mfa/totp', body);
        expect(refusal(reply)).toMatch(/^400 INVALID_FORM_BODY/);
      }
      expect(refusal(await byCode(ticket, '0'.repeat(64)))).toBe(WRONG);
      decode.token(await byCode(ticket, app.code()));
    });

    it('has no passkey and no SMS to offer, and says so', async () => {
      const { person } = await withApp();
      const { ticket } = await owed(person.email);
      const at = (path: string, body: object = {}) => world.client().post(path, { ticket, ...body });
      expect(refusal(await at('/v1/auth/login/mfa/sms/send'))).toBe('400 SMS_MFA_NOT_ENABLED');
      expect(refusal(await at('/v1/auth/login/mfa/sms', { code: '123456' }))).toBe('400 SMS_MFA_NOT_ENABLED');
      expect(refusal(await at('/v1/auth/login/mfa/webauthn/authentication-options'))).toBe(
        '400 NO_PASSKEYS_REGISTERED',
      );
      // Contract 1.4: an answer with a credential that is not the account's, whether or not it has others.
      const response = {
        id: 'AAAA',
        rawId: 'AAAA',
        type: 'public-key',
        response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' },
        clientExtensionResults: {},
      };
      const shown = await at('/v1/auth/login/mfa/webauthn', { response, challenge: 'AAAA' });
      expect(refusal(shown)).toBe('401 PASSKEY_AUTHENTICATION_FAILED');
    });
  });

  describe('by SMS', () => {
    async function withPhone() {
      const { person, app } = await withApp();
      return { person, app, phone: await kit.sms(person, app) };
    }
    const send = (ticket: string, path = '/v1/auth/login/mfa/sms/send') =>
      world.client().post(path, { ticket });

    it('is offered with the last digits of the number, sent on demand, and opens the session [B10]', async () => {
      const { person, phone } = await withPhone();
      const answer = await owed(person.email);
      expect(answer).toMatchObject({ allowed_methods: ['totp', 'sms'], sms: true });
      expect(answer.sms_phone_hint).toBe(`****${phone.slice(-4)}`);
      const before = (await world.mails(phone)).length;
      decode.empty(await send(answer.ticket));
      expect(await world.mails(phone)).toHaveLength(before + 1);
      const code = await kit.smsCode(phone);
      decode.token(await byCode(answer.ticket, code, '/v1/auth/login/mfa/sms'));
    });

    it('takes a code for the sign-in that asked for it, once, and for ten minutes at the most [B03]', async () => {
      const { person, phone } = await withPhone();
      const first = await owed(person.email);
      const second = await owed(person.email);
      decode.empty(await send(first.ticket));
      const code = await kit.smsCode(phone);
      expect(refusal(await byCode(second.ticket, code, '/v1/auth/login/mfa/sms'))).toBe(WRONG);
      const replies = await Promise.all(
        Array.from({ length: 5 }, () => byCode(first.ticket, code, '/v1/auth/login/mfa/sms')),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('sends nothing for a ticket that is none', async () => {
      expect(refusal(await send('x'.repeat(64)))).toMatch(/^400 INVALID_FORM_BODY .*ticket:SESSION_TIMEOUT$/);
    });

    it("goes under seed 000's paths as well", async () => {
      const { person, phone } = await withPhone();
      const { ticket } = await owed(person.email);
      decode.empty(await send(ticket, '/v1/auth/mfa/sms/send'));
      decode.token(await byCode(ticket, await kit.smsCode(phone), '/v1/auth/mfa/sms'));
    });
  });

  describe('by a passkey', () => {
    async function withPasskey() {
      const person = await world.person();
      return { person, device: await kit.passkey(person) };
    }
    async function optionsOf(ticket: string): Promise<RequestOptions> {
      const path = '/v1/auth/login/mfa/webauthn/authentication-options';
      const reply = await world.client().post(path, { ticket });
      expect(reply.status).toBe(200);
      return reply.json;
    }
    const answer = (ticket: string, body: object, path = '/v1/auth/login/mfa/webauthn') =>
      world.client().post(path, { ticket, ...body });

    it('is owed by whoever has one, also without an authenticator app', async () => {
      const { person, device } = await withPasskey();
      const owes = await owed(person.email);
      expect(owes).toMatchObject({ allowed_methods: ['webauthn'], totp: false, webauthn: true });
      const options = await optionsOf(owes.ticket);
      expect(options).toMatchObject({
        timeout: 60_000,
        rpId: 'localhost',
        userVerification: 'required',
        allowCredentials: [{ id: device.credentials[0]?.id, type: 'public-key' }],
      });
      const { challenge } = options;
      decode.token(await answer(owes.ticket, { response: device.assert(options), challenge }));
    });

    it("takes seed 000's credential, the challenge read from what was signed", async () => {
      const { person, device } = await withPasskey();
      const { ticket } = await owed(person.email);
      const credential = device.assert(await optionsOf(ticket));
      decode.token(await answer(ticket, { credential }, '/v1/auth/mfa/webauthn'));
    });

    it("refuses another person's, another sign-in's and a replayed answer [C01, C06]", async () => {
      const { person, device } = await withPasskey();
      const stranger = await withPasskey();
      const { ticket } = await owed(person.email);
      const theirs = await owed(stranger.person.email);
      const foreign = stranger.device.assert(await optionsOf(theirs.ticket));
      expect(refusal(await answer(ticket, { response: foreign }))).toBe(NO_PASSKEY);
      const elsewhere = await owed(person.email);
      const response = device.assert(await optionsOf(elsewhere.ticket));
      expect(refusal(await answer(ticket, { response }))).toBe(NO_PASSKEY);
      const options = await optionsOf(ticket);
      const good = device.assert(options);
      const replies = await Promise.all(Array.from({ length: 5 }, () => answer(ticket, { response: good })));
      expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    });

    it('refuses an unknown ticket by its own item', async () => {
      const path = '/v1/auth/login/mfa/webauthn/authentication-options';
      expect(refusal(await world.client().post(path, { ticket: 'x'.repeat(64) }))).toBe(OVER_TICKET);
    });
  });

  it('shares its five tries a minute over all paths, under whatever name [K03]', async () => {
    const limited = await createWorld({ dialect });
    try {
      const client = limited.client();
      const paths = [
        '/v1/auth/login/mfa/totp',
        '/v1/auth/mfa/totp',
        '/v1/auth/login/mfa/sms',
        '/v1/auth/mfa/sms/send',
        '/v1/auth/login/mfa/webauthn/authentication-options',
      ];
      const body = { ticket: 'x'.repeat(64), code: '123456' };
      for (const path of paths) expect((await client.post(path, body)).status).toBe(400);
      for (const path of [...paths, '/v1/auth/mfa/webauthn'])
        expect(refusal(await client.post(path, body))).toBe('429 RATE_LIMITED');
    } finally {
      await limited.close();
    }
  });

  it('leaves no code and no ticket in the log [M04, bug 21]', async () => {
    const { person, app }: { person: { email: string }; app: App } = await withApp();
    const { ticket } = await owed(person.email);
    const code = app.code();
    decode.token(await byCode(ticket, code));
    const log = world.logLines.join('');
    for (const secret of [ticket, `"${code}"`, ...app.backupCodes]) expect(log).not.toContain(secret);
  });
});
