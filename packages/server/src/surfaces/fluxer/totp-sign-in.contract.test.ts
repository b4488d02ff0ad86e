import { HOTP, Secret } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { type Client, createWorld, DIALECTS, PASSWORD, type World } from '../../testing/index.ts';

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const STEP_MS = 30_000;
const MINUTE = 60_000;
const WRONG_CODE = '400 INVALID_FORM_BODY code:INVALID_CODE';
const WRONG_PROOF = '400 INVALID_FORM_BODY mfa_code:INVALID_MFA_CODE';
const LIMITED = '429 RATE_LIMITED';
const WRONG = '000000';

describe.each(DIALECTS)('a code of an authenticator app or from paper on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  /** The code of the next step; each counts once, so time moves on. */
  function nextCode(): string {
    for (;;) {
      world.clock.advance(STEP_MS);
      const counter = Math.floor(world.clock.now() / STEP_MS);
      const code = HOTP.generate({ secret: Secret.fromBase32(SECRET), counter });
      if (code !== WRONG) return code;
    }
  }

  async function someone() {
    const person = await world.person();
    const enabled = await person.client.post('/v1/users/@me/mfa/totp/enable', {
      secret: SECRET,
      code: nextCode(),
      password: PASSWORD,
    });
    return { ...person, codes: decode.backupCodes(enabled).map(({ code }) => code) };
  }

  const ticketFor = async (email: string): Promise<string> =>
    decode.owedProof(await world.client().post('/v1/auth/login', { email, password: PASSWORD })).ticket;
  const finish = (ticket: string, code: string, client = world.client()) =>
    client.post('/v1/auth/login/mfa/totp', { ticket, code });
  const sudo = (client: Client, code: string) =>
    client.post('/v1/auth/sudo/verify', { mfa_method: 'totp', mfa_code: code });

  const sessionsOf = async (userId: string) => (await world.instance.sessions.list(userId)).length;

  it('ends a sign-in, whichever of the two, and is asked for from now on [B07, B09]', async () => {
    const { email, userId, codes } = await someone();
    expect(decode.token(await finish(await ticketFor(email), nextCode())).user_id).toBe(userId);
    const spelt = ` ${codes[4]?.toUpperCase().replace('-', '')}`;
    expect(decode.token(await finish(await ticketFor(email), spelt)).user_id).toBe(userId);
    expect(refusal(await finish(await ticketFor(email), codes[4] ?? ''))).toBe(WRONG_CODE);
  });

  it('is used up by a sign-in for a proof, and by a proof for a sign-in [B02, B06]', async () => {
    const { client, email, codes } = await someone();
    const code = nextCode();
    decode.token(await finish(await ticketFor(email), code));
    expect(refusal(await sudo(client, code))).toBe(WRONG_PROOF);
    decode.empty(await sudo(client, codes[0] ?? ''));
    expect(refusal(await finish(await ticketFor(email), codes[0] ?? ''))).toBe(WRONG_CODE);
  });

  it.each(['code', 'backup code'])(
    'makes one session of fifty tickets that all get the same %s at once [B02, B06, bug 9]',
    async (what) => {
      const { email, userId, codes } = await someone();
      const tickets = await Promise.all(Array.from({ length: 50 }, () => ticketFor(email)));
      const before = await sessionsOf(userId);
      const code = what === 'code' ? nextCode() : (codes[2] ?? '');
      const replies = await Promise.all(tickets.map((ticket) => finish(ticket, code)));
      const won = replies.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status !== 200))
        expect([WRONG_CODE, LIMITED]).toContain(refusal(reply));
      expect(await sessionsOf(userId)).toBe(before + 1);
    },
  );

  it.each(['code', 'backup code'])(
    'opens sudo for one of fifty at once with one %s [B02, B06]',
    async (what) => {
      const { client, codes } = await someone();
      const code = what === 'code' ? nextCode() : (codes[2] ?? '');
      const replies = await Promise.all(Array.from({ length: 50 }, () => sudo(client, code)));
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status !== 204)) {
        expect([WRONG_PROOF, LIMITED]).toContain(refusal(reply));
        expect(reply.headers.has('x-fluxer-sudo-mode-jwt')).toBe(false);
      }
    },
  );

  it('shows a backup code as consumed once it was used, and only that one', async () => {
    const { client, codes } = await someone();
    const shown = await client.post('/v1/users/@me/mfa/backup-codes', {
      regenerate: false,
      mfa_method: 'totp',
      mfa_code: codes[6],
    });
    expect(decode.backupCodes(shown)).toEqual(codes.map((code, at) => ({ code, consumed: at === 6 })));
  });

  it.each(['code', 'backup code'])(
    'is used once where a request brings the same %s as its proof and as its code',
    async (what) => {
      const { client, codes } = await someone();
      const code = what === 'code' ? nextCode() : (codes[0] ?? '');
      const path = '/v1/users/@me/mfa/totp/disable';
      const wrong = { mfa_method: 'totp', mfa_code: WRONG, code: WRONG };
      expect(refusal(await client.post(path, wrong))).toBe(WRONG_PROOF);
      decode.empty(await client.post(path, { mfa_method: 'totp', mfa_code: code, code }));
      expect(decode.user(await client.get('/v1/users/@me')).mfa_enabled).toBe(false);
    },
  );

  it('is looked at where sudo is open already, whatever proof comes with it', async () => {
    const { client, codes } = await someone();
    const opened = await sudo(client, codes[0] ?? '');
    const headers = { 'x-fluxer-sudo-mode-jwt': opened.headers.get('x-fluxer-sudo-mode-jwt') ?? '' };
    const path = '/v1/users/@me/mfa/totp/disable';
    const used = { mfa_method: 'totp', mfa_code: codes[0], code: codes[0] };
    expect(refusal(await client.post(path, used, headers))).toBe(WRONG_CODE);
    expect(refusal(await client.post(path, { ...used, mfa_code: WRONG, code: WRONG }, headers))).toBe(
      WRONG_CODE,
    );
    decode.empty(await client.post(path, { code: nextCode() }, headers));
  });

  it('is one budget of guesses, for sudo and to turn it off, also with limits off [B04, B05, K03]', async () => {
    const { client, email, codes } = await someone();
    const opened = await sudo(client, codes[0] ?? '');
    const headers = { 'x-fluxer-sudo-mode-jwt': opened.headers.get('x-fluxer-sudo-mode-jwt') ?? '' };
    const disable = (code: string) => client.post('/v1/users/@me/mfa/totp/disable', { code }, headers);
    for (let round = 0; round < 5; round++)
      expect(refusal(await sudo(client, 'aaaa-aaaa'))).toBe(WRONG_PROOF);
    for (let round = 0; round < 5; round++) expect(refusal(await disable(WRONG))).toBe(WRONG_CODE);
    const good = nextCode();
    expect(refusal(await sudo(client, good))).toBe(LIMITED);
    expect(refusal(await disable(good))).toBe(LIMITED);
    expect(refusal(await disable(codes[1] ?? ''))).toBe(LIMITED);
    world.clock.advance(15 * MINUTE);
    decode.token(await finish(await ticketFor(email), nextCode()));
  });

  it('takes SMS with it when the app goes, and both are in the trail', async () => {
    const { client, userId, email } = await someone();
    const { storage, factors } = world.instance;
    await storage.transaction(async (tx) => {
      const contact = {
        id: `con_${userId}`,
        kind: 'phone',
        address: '+491701234567',
        is_primary: 1,
      } as const;
      const at = world.clock.now();
      const owned = {
        project_id: world.instance.project.id,
        user_id: userId,
        created_at: at,
        verified_at: at,
      };
      const address_normal = `+49${userId.slice(-12)}`;
      await tx
        .insertInto('contact')
        .values({ ...contact, ...owned, address_normal })
        .execute();
      await tx.insertInto('sms_credential').values({ user_id: userId, enabled_at: at }).execute();
      await factors.refresh(tx, userId);
    });
    expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({
      authenticator_types: [0, 1],
      phone: '+491701234567',
      has_verified_phone: true,
    });
    const code = nextCode();
    const path = '/v1/users/@me/mfa/totp/disable';
    decode.empty(await client.post(path, { mfa_method: 'totp', mfa_code: code, code }));
    expect(decode.user(await client.get('/v1/users/@me'))).toMatchObject({
      mfa_enabled: false,
      authenticator_types: [],
      phone: '+491701234567',
    });
    const removed = await storage.db
      .selectFrom('audit_record')
      .select('method')
      .where('user_id', '=', userId)
      .where('event', '=', 'factor.removed')
      .execute();
    expect(removed.map(({ method }) => method).sort()).toEqual(['sms-code', 'totp']);
    const mails = (await world.mails(email)).filter(({ kind }) => kind === 'factor_removed');
    expect(mails).toHaveLength(1);
  });
});
