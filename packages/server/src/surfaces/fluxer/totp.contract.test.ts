import { sql } from 'kysely';
import { HOTP, Secret } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, PASSWORD, type Reply, type World } from '../../testing/index.ts';

const ENABLE = '/v1/users/@me/mfa/totp/enable';
const DISABLE = '/v1/users/@me/mfa/totp/disable';
const CODES = '/v1/users/@me/mfa/backup-codes';
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const STEP_MS = 30_000;
const MINUTE = 60_000;
const WRONG_CODE = '400 INVALID_FORM_BODY code:INVALID_CODE';

describe.each(DIALECTS)('an authenticator app and its backup codes on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  afterAll(() => world.close());

  /** The code that the app shows now, or some steps away. */
  function codeOf(secret = SECRET, steps = 0): string {
    const counter = Math.floor(world.clock.now() / STEP_MS) + steps;
    return HOTP.generate({ secret: Secret.fromBase32(secret), counter });
  }

  /** Six digits that are no code of this secret now. */
  function wrongCode(): string {
    const good = [-1, 0, 1].map((steps) => codeOf(SECRET, steps));
    return ['000000', '111111', '222222', '333333'].find((code) => !good.includes(code)) ?? '';
  }

  /** Somebody who proves what every one of these routes asks for, with the last backup code once there are some. */
  async function someone() {
    const person = await world.person();
    let sudo: string | null = null;
    let codes: string[] = [];
    async function post(path: string, body: Record<string, unknown>): Promise<Reply> {
      const factor = codes.length > 0 && sudo === null && { mfa_method: 'totp', mfa_code: codes.at(-1) };
      const headers = sudo === null ? {} : { 'x-fluxer-sudo-mode-jwt': sudo };
      const reply = await person.client.post(path, { password: PASSWORD, ...factor, ...body }, headers);
      sudo = reply.headers.get('x-fluxer-sudo-mode-jwt') ?? sudo;
      return reply;
    }
    return {
      ...person,
      post,
      enable: (secret = SECRET, code = codeOf(secret)) => post(ENABLE, { secret, code }),
      /** Turned on, and a step on, so that the app shows a fresh code. */
      async enabled(): Promise<string[]> {
        codes = decode
          .backupCodes(await post(ENABLE, { secret: SECRET, code: codeOf() }))
          .map(({ code }) => code);
        world.clock.advance(STEP_MS);
        return codes;
      },
      disable: (code: string) => post(DISABLE, { code }),
      show: (regenerate = false) => post(CODES, { regenerate }),
      me: async () => decode.user(await person.client.get('/v1/users/@me')),
    };
  }

  const rowsOf = (table: 'totp_credential' | 'recovery_code', userId: string) =>
    world.instance.storage.db.selectFrom(table).selectAll().where('user_id', '=', userId).execute();

  const eventsOf = async (userId: string, event: string) =>
    await world.instance.storage.db
      .selectFrom('audit_record')
      .selectAll()
      .where('user_id', '=', userId)
      .where('event', '=', event)
      .execute();

  const mailsOf = async (email: string, kind: string) =>
    (await world.mails(email)).filter((mail) => mail.kind === kind).length;

  describe('turned on', () => {
    it('makes it an account with a second factor, at once and in every session', async () => {
      const person = await someone();
      expect(await person.me()).toMatchObject({ mfa_enabled: false, authenticator_types: [] });
      const codes = decode.backupCodes(await person.enable());
      expect(new Set(codes.map(({ code }) => code)).size).toBe(10);
      expect(codes.every(({ consumed }) => !consumed)).toBe(true);
      expect(await person.me()).toMatchObject({ mfa_enabled: true, authenticator_types: [0] });
    });

    it('is told to the owner and to the trail, once [A12]', async () => {
      const { enabled, email, userId } = await someone();
      await enabled();
      expect(await mailsOf(email, 'factor_enrolled')).toBe(1);
      expect(await eventsOf(userId, 'factor.enrolled')).toMatchObject([
        { method: 'totp', actor_id: userId, details: '{}' },
      ]);
    });

    it.each(['jbsw y3dp ehpk 3pxp', 'JBSW-Y3DP-EHPK-3PXP', 'JBSWY3DPEHPK3PXP========', 'a'.repeat(256)])(
      'takes a secret written as %s',
      async (secret) => {
        const { enable } = await someone();
        const plain = secret.replace(/[\s=-]/g, '');
        decode.backupCodes(await enable(secret, codeOf(plain)));
      },
    );

    it.each([
      ['JBSWY3DPEHPK3PX1', 'secret:INVALID_FORMAT'],
      ['this is no secret!', 'secret:INVALID_FORMAT'],
      ['JBSWY3DPEHPK3', 'secret:STRING_LENGTH_INVALID'],
      ['A'.repeat(257), 'secret:STRING_LENGTH_INVALID'],
      ['', 'secret:INVALID_FORMAT'],
      [7, 'secret:INVALID_FORMAT'],
      [undefined, 'secret:INVALID_FORMAT'],
    ])('refuses %j as a secret and says which field is wrong', async (secret, item) => {
      const { post, userId } = await someone();
      const reply = await post(ENABLE, { secret, code: '123456' });
      expect(refusal(reply)).toBe(`400 INVALID_FORM_BODY ${item}`);
      expect(await rowsOf('totp_credential', userId)).toEqual([]);
    });

    it('is not for a wrong code, and then nothing is kept', async () => {
      const person = await someone();
      for (const code of [wrongCode(), codeOf(SECRET, 2), codeOf(SECRET, -2), 'abcd-efgh', '12345']) {
        expect(refusal(await person.enable(SECRET, code))).toBe(WRONG_CODE);
      }
      expect(await rowsOf('totp_credential', person.userId)).toEqual([]);
      expect(await rowsOf('recovery_code', person.userId)).toEqual([]);
      expect(await person.me()).toMatchObject({ mfa_enabled: false, authenticator_types: [] });
      expect(await mailsOf(person.email, 'factor_enrolled')).toBe(0);
      expect(await eventsOf(person.userId, 'factor.enrolled')).toEqual([]);
    });

    it('is not once more, and the first secret stays', async () => {
      const { enabled, enable, disable, email } = await someone();
      await enabled();
      expect(refusal(await enable('GEZDGNBVGY3TQOJQ'))).toBe('400 TWO_FA_NOT_ENABLED');
      expect(refusal(await enable('GEZDGNBVGY3TQOJQ', '1'))).toBe('400 TWO_FA_NOT_ENABLED');
      expect(await mailsOf(email, 'factor_enrolled')).toBe(1);
      decode.empty(await disable(codeOf()));
    });

    it('is by exactly one of fifty at once, whose codes are those that count [B02]', async () => {
      const { enable, userId, email } = await someone();
      // The last ones find an account whose password alone no longer does.
      const refused = ['400 TWO_FA_NOT_ENABLED', '403 SUDO_MODE_REQUIRED', '429 RATE_LIMITED'];
      const replies = await Promise.all(Array.from({ length: 50 }, () => enable()));
      const won = replies.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status !== 200))
        expect(refused).toContain(refusal(reply));
      expect(await rowsOf('recovery_code', userId)).toHaveLength(10);
      expect(await mailsOf(email, 'factor_enrolled')).toBe(1);
    });

    it('takes ten tries in a quarter of an hour, also with rate limits off', async () => {
      const { enable } = await someone();
      for (let round = 0; round < 10; round++)
        expect(refusal(await enable(SECRET, wrongCode()))).toBe(WRONG_CODE);
      expect(refusal(await enable())).toBe('429 RATE_LIMITED');
      world.clock.advance(15 * MINUTE);
      decode.backupCodes(await enable());
    });
  });

  describe('turned off', () => {
    it('by its code is gone with all backup codes, and the owner hears of it [A12, M08]', async () => {
      const person = await someone();
      await person.enabled();
      decode.empty(await person.disable(codeOf()));
      expect(await rowsOf('totp_credential', person.userId)).toEqual([]);
      expect(await rowsOf('recovery_code', person.userId)).toEqual([]);
      expect(await person.me()).toMatchObject({ mfa_enabled: false, authenticator_types: [] });
      expect(await mailsOf(person.email, 'factor_removed')).toBe(1);
      expect(await eventsOf(person.userId, 'factor.removed')).toMatchObject([{ method: 'totp' }]);
    });

    it('by a backup code in any spelling, and can be turned on again with other codes [B06]', async () => {
      const person = await someone();
      const before = await person.enabled();
      decode.empty(await person.disable(` ${before[0]?.toUpperCase().replace('-', ' ')} `));
      const fresh = await someone();
      const after = await fresh.enabled();
      expect(after.some((code) => before.includes(code))).toBe(false);
    });

    it('is not by a wrong, old, or foreign code', async () => {
      const [person, other] = [await someone(), await someone()];
      await other.enabled();
      const used = codeOf();
      const [foreign] = decode.backupCodes(await other.show());
      await person.enabled();
      for (const code of [wrongCode(), used, codeOf(SECRET, -2), foreign?.code ?? '', 'x'])
        expect(refusal(await person.disable(code)), code).toBe(WRONG_CODE);
      expect(refusal(await person.post(DISABLE, {}))).toBe('400 INVALID_FORM_BODY code:INVALID_FORMAT');
      expect(await person.me()).toMatchObject({ mfa_enabled: true });
      expect(await rowsOf('recovery_code', person.userId)).toHaveLength(10);
      expect(await mailsOf(person.email, 'factor_removed')).toBe(0);
    });

    it('is not where it is not on', async () => {
      const { disable } = await someone();
      expect(refusal(await disable('123456'))).toBe('400 TWO_FACTOR_REQUIRED');
    });

    it.each(['code', 'backup code'])('is once by fifty at once with one %s [B02, B06]', async (what) => {
      const { enabled, disable, show, email } = await someone();
      const [first] = await enabled();
      decode.backupCodes(await show());
      const code = what === 'code' ? codeOf() : (first ?? '');
      const replies = await Promise.all(Array.from({ length: 50 }, () => disable(code)));
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
      const others = replies.filter(({ status }) => status !== 204).map(refusal);
      for (const other of others)
        expect([WRONG_CODE, '400 TWO_FACTOR_REQUIRED', '429 RATE_LIMITED']).toContain(other);
      expect(await mailsOf(email, 'factor_removed')).toBe(1);
    });
  });

  describe('turning off that fails half-way', () => {
    it('leaves the app on and the backup code unspent, so that it turns off later', async () => {
      const { enabled, disable, show } = await someone();
      const [first = ''] = await enabled();
      decode.backupCodes(await show());
      const { db } = world.instance.storage;
      await sql`alter table sms_credential rename to sms_credential_away`.execute(db);
      try {
        expect((await disable(first)).status).toBeGreaterThanOrEqual(500);
      } finally {
        await sql`alter table sms_credential_away rename to sms_credential`.execute(db);
      }
      const codes = decode.backupCodes(await show());
      expect(codes.find(({ code }) => code === first)).toEqual({ code: first, consumed: false });
      decode.empty(await disable(first));
    });
  });

  describe('its backup codes', () => {
    it('are shown again, and once replaced the old ones are void [B06]', async () => {
      const person = await someone();
      const first = await person.enabled();
      const shown = decode.backupCodes(await person.show());
      expect(shown.map(({ code }) => code)).toEqual(first);
      expect(await eventsOf(person.userId, 'factor.shown')).toHaveLength(1);
      const renewed = decode.backupCodes(await person.show(true));
      expect(renewed.some(({ code }) => first.includes(code))).toBe(false);
      expect(renewed.every(({ consumed }) => !consumed)).toBe(true);
      expect(decode.backupCodes(await person.show())).toEqual(renewed);
      expect(await mailsOf(person.email, 'recovery_codes_renewed')).toBe(1);
      expect(refusal(await person.disable(first[1] ?? ''))).toBe(WRONG_CODE);
      decode.empty(await person.disable(renewed[1]?.code ?? ''));
    });

    it('are none for an account without a second factor', async () => {
      const { show, userId } = await someone();
      expect(refusal(await show())).toBe('400 TWO_FACTOR_REQUIRED');
      expect(refusal(await show(true))).toBe('400 TWO_FACTOR_REQUIRED');
      expect(await rowsOf('recovery_code', userId)).toEqual([]);
    });

    it('are asked for with a true or a false', async () => {
      const { post } = await someone();
      for (const regenerate of [undefined, 'yes', 1])
        expect(refusal(await post(CODES, { regenerate }))).toBe(
          '400 INVALID_FORM_BODY regenerate:INVALID_FORMAT',
        );
    });
  });

  it.each([
    [ENABLE, { secret: SECRET, code: '123456' }],
    [DISABLE, { code: '123456' }],
    [CODES, { regenerate: true }],
  ])('nobody does %s without a session or without a fresh proof [D08]', async (path, body) => {
    expect(refusal(await world.direct.post(path, { ...body, password: PASSWORD }))).toBe('401 UNAUTHORIZED');
    const { client, userId } = await someone();
    const code = codeOf();
    const unproved = { ...body, ...('code' in body && { code }) };
    expect(refusal(await client.post(path, unproved))).toBe('403 SUDO_MODE_REQUIRED');
    expect(refusal(await client.post(path, { ...unproved, password: 'not the password' }))).toBe(
      '400 INVALID_FORM_BODY password:INVALID_PASSWORD',
    );
    expect(await rowsOf('totp_credential', userId)).toEqual([]);
  });

  it('a secret of our own is turned on by a code of it, and opens nothing before', async () => {
    const { client, userId, me } = await someone();
    const { sessions, secondFactors } = world.instance;
    const session = await sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('no session');
    const origin = { address: '10.0.0.1', network: '10.0.0.0/24', source: '10.0.0.1', userAgent: null };
    const enable = (code: string) =>
      secondFactors.enableTotp({ session, secret: null, code, origin: { ...origin, isDesktop: false } });
    await expect(enable(codeOf())).rejects.toMatchObject({ code: 'wrong-code' });
    const secret = await secondFactors.beginTotp(userId);
    expect(await me()).toMatchObject({ mfa_enabled: false });
    await expect(enable(codeOf())).rejects.toMatchObject({ code: 'wrong-code' });
    expect(await enable(codeOf(secret))).toHaveLength(10);
    expect(await me()).toMatchObject({ mfa_enabled: true });
    await expect(secondFactors.beginTotp(userId)).rejects.toMatchObject({ code: 'totp-already-enabled' });
  });

  it('a session that was ended while it asked turns nothing on', async () => {
    const { client, userId } = await world.person();
    const { sessions, secondFactors } = world.instance;
    const session = await sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('no session');
    const origin = { address: '10.0.0.1', network: '10.0.0.0/24', source: '10.0.0.1', userAgent: null };
    await client.post('/v1/auth/logout');
    const asked = { session, secret: SECRET, code: codeOf(), origin: { ...origin, isDesktop: false } };
    await expect(secondFactors.enableTotp(asked)).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(await rowsOf('totp_credential', userId)).toEqual([]);
    expect(await rowsOf('recovery_code', userId)).toEqual([]);
    expect(await eventsOf(userId, 'factor.enrolled')).toEqual([]);
  });

  it('neither the secret nor a code is in a log, the trail, or readable in a table [M02, M04, J07]', async () => {
    const { enabled, show, disable, userId } = await someone();
    const codes = await enabled();
    const typed = wrongCode();
    await disable(typed);
    codes.push(...decode.backupCodes(await show(true)).map(({ code }) => code));
    const { db } = world.instance.storage;
    const kept = JSON.stringify([
      await rowsOf('totp_credential', userId),
      await rowsOf('recovery_code', userId),
      await db.selectFrom('audit_record').selectAll().where('user_id', '=', userId).execute(),
      await db.selectFrom('outbox').selectAll().execute(),
    ]);
    const logged = world.logLines.join('');
    for (const secret of [SECRET, SECRET.toLowerCase(), ...codes]) {
      expect(kept).not.toContain(secret);
      expect(logged).not.toContain(secret);
    }
  });
});
