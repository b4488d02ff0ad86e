import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  flectoSteps,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const STEP = 30_000;
const MINUTE = 60_000;
const NEW_PASSWORD = 'another good passphrase';

interface Owed {
  error: string;
  message: string;
  ticket: string;
  methods: string[];
  expiresAt: number;
}

describe.each(DIALECTS)("the second step at Flecto's API on %s", (dialect) => {
  let world: World;
  let steps: ReturnType<typeof flectoSteps>;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    steps = flectoSteps(world);
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const named = (id: string) => ({
    ...{ id, projectId: world.instance.project.id },
    actor: { userId: null, sessionId: null, origin: null },
  });
  const db = () => world.instance.storage.db;
  async function owedBy(email: string): Promise<Owed> {
    const reply = await steps.login(email);
    expect(reply.status).toBe(403);
    expect(reply.text).not.toContain('Token');
    return reply.json;
  }
  const prove = (ticket: string, method: string, code: string) =>
    world.client().post('/auth/login/mfa', { ticket, method, code });

  it('is asked for by a ticket in place of tokens, and answered like a log-in', async () => {
    const person = await world.person({ global_name: 'Ada Lovelace' });
    const app = await kit.totp(person);
    const owed = await owedBy(person.email);
    expect(owed).toEqual({
      error: 'mfa_required',
      message: 'A second factor is required: post ticket, method and code to /auth/login/mfa',
      ticket: expect.stringMatching(/^[A-Za-z0-9]{64}$/),
      methods: ['totp', 'recovery-code'],
      expiresAt: Math.floor(world.clock.now() / 1000) + 300,
    });
    const { user, tokens } = steps.good(await prove(owed.ticket, 'totp', app.code()));
    expect(user).toMatchObject({ username: person.email, firstname: 'Ada', lastname: 'Lovelace' });
    expect(await steps.knock(tokens.accessToken)).toBe(404);
    await steps.renew(tokens.refreshToken);
    // Ticket and code were spent by it.
    world.clock.advance(STEP);
    expect(steps.refusal(await prove(owed.ticket, 'totp', app.code()))).toBe('401 invalid_ticket');
  });

  it('lets one of fifty equal codes in [B02]', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const tickets = [];
    for (let count = 0; count < 10; count++) tickets.push((await owedBy(person.email)).ticket);
    const replies = await Promise.all(
      tickets.flatMap((ticket) => Array.from({ length: 5 }, () => prove(ticket, 'totp', app.code()))),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('ends the ticket after five wrong codes, even for a right one', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const { ticket } = await owedBy(person.email);
    for (let round = 0; round < 5; round++)
      expect(steps.refusal(await prove(ticket, 'totp', app.wrong()))).toBe('401 invalid_code');
    expect(steps.refusal(await prove(ticket, 'totp', app.code()))).toBe('401 invalid_ticket');
    const late = await owedBy(person.email);
    world.clock.advance(5 * MINUTE);
    expect(steps.refusal(await prove(late.ticket, 'totp', app.code()))).toBe('401 invalid_ticket');
  });

  it('takes a recovery code, once [B06]', async () => {
    const person = await world.person();
    const { backupCodes } = await kit.totp(person);
    const [code = ''] = backupCodes;
    steps.good(await prove((await owedBy(person.email)).ticket, 'recovery-code', code));
    const again = await prove((await owedBy(person.email)).ticket, 'recovery-code', code);
    expect(steps.refusal(again)).toBe('401 invalid_code');
  });

  it('takes a code by SMS, which is sent when it is asked for', async () => {
    const person = await world.person();
    const phone = await kit.sms(person, await kit.totp(person));
    const { ticket, methods } = await owedBy(person.email);
    expect(methods).toEqual(['totp', 'sms-code', 'recovery-code']);
    const sent = await world.client().post('/auth/login/mfa/send', { ticket });
    expect([sent.status, sent.text]).toEqual([204, '']);
    steps.good(await prove(ticket, 'sms-code', await kit.smsCode(phone)));
  });

  it('says where there is nothing but a passkey that only a browser can show it', async () => {
    const person = await world.person();
    await kit.passkey(person);
    const { methods, message } = await owedBy(person.email);
    expect(methods).toEqual(['recovery-code']);
    expect(message).toContain('passkey');
  });

  it.each([
    ['without codes by SMS any more', () => db().deleteFrom('sms_credential')],
    ['without a proved number any more', () => db().deleteFrom('contact').where('kind', '=', 'phone')],
  ])('sends nothing to an account %s', async (_, change) => {
    const person = await world.person();
    const app = await kit.totp(person);
    await kit.sms(person, app);
    const { ticket } = await owedBy(person.email);
    // Meanwhile; the list of the account's factors may be a moment older.
    await change().where('user_id', '=', person.userId).execute();
    const sent = await world.client().post('/auth/login/mfa/send', { ticket });
    expect(steps.refusal(sent)).toBe('400 validation_error');
    steps.good(await prove(ticket, 'totp', app.code()));
  });

  it('knows no method that the account or this wire does not have', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const { ticket } = await owedBy(person.email);
    for (const method of ['sms-code', 'passkey', 'password', 'nonsense'])
      expect(steps.refusal(await prove(ticket, method, '123456')), method).toBe('400 validation_error');
    expect(steps.refusal(await world.client().post('/auth/login/mfa/send', { ticket }))).toBe(
      '400 validation_error',
    );
    // None of it was a try.
    steps.good(await prove(ticket, 'totp', app.code()));
  });

  it('belongs to the door it was begun at [E05]', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const { ticket } = await owedBy(person.email);
    const atFluxer = await world.client().post('/v1/auth/login', { email: person.email, password: PASSWORD });
    const fluxerTicket = (atFluxer.json as { ticket: string }).ticket;
    expect(steps.refusal(await prove(fluxerTicket, 'totp', app.code()))).toBe('401 invalid_ticket');
    const code = app.code();
    const reply = await world.client().post('/v1/auth/login/mfa/totp', { ticket, code });
    expect(reply.status).toBe(400);
    steps.good(await prove(ticket, 'totp', code));
  });

  it.each([
    [
      'the account is suspended',
      (id: string) => world.instance.users.suspend({ ...named(id), reason: null }),
      '403 user_not_exist',
    ],
    [
      'its password is changed',
      (id: string) =>
        world.instance.givenPasswords.give({ ...named(id), userId: id, password: NEW_PASSWORD }),
      '401 invalid_ticket',
    ],
  ])('is of no use once %s [bug 33]', async (_, change, refusal) => {
    const person = await world.person();
    const app = await kit.totp(person);
    const { ticket } = await owedBy(person.email);
    await change(person.userId);
    expect(steps.refusal(await prove(ticket, 'totp', app.code()))).toBe(refusal);
  });
});

describe.each(DIALECTS)("codes by SMS switched off, at Flecto's API on %s", (dialect) => {
  it.each([
    ['an app, too', 'sms-code,totp', ['totp'], 'A second factor is required'],
    ['a passkey, too', 'sms-code,passkey', [], 'passkey'],
    ['nothing else', 'sms-code', [], 'SMS'],
  ])(
    'are not offered to an account with %s, and asking for one is 503',
    async (_, factors, offered, hint) => {
      const before = await createWorld({ dialect });
      const person = await before.person();
      const kit = createFactorKit(before);
      await kit.sms(person, await kit.totp(person));
      const { db } = before.instance.storage;
      await db.updateTable('user').set({ factors }).where('id', '=', person.userId).execute();
      const world = await createWorld({
        ...{ dialect, database: before, clock: before.clock },
        env: { FLUXGATE_DEV_MAILBOX: 'off' },
      });
      const owed = (await flectoSteps(world).login(person.email)).json as Owed;
      expect(owed).toMatchObject({ error: 'mfa_required', methods: [...offered, 'recovery-code'] });
      expect(owed.message).toContain(hint);
      const { ticket } = owed;
      const sent = await world.client().post('/auth/login/mfa/send', { ticket });
      expect(flectoSteps(world).refusal(sent)).toBe('503 service_unavailable');
      const stranger = await world.client().post('/auth/login/mfa/send', { ticket: 'x'.repeat(64) });
      expect(flectoSteps(world).refusal(stranger)).toBe('401 invalid_ticket');
      await world.close();
      await before.close();
    },
  );
});

describe.each(DIALECTS)("a new place at Flecto's API on %s", (dialect) => {
  it('is approved by mail, and the next log-in from there passes [D11]', async () => {
    const world = await createWorld({
      dialect,
      env: { FLUXGATE_RATE_LIMITS: 'off', FLUXGATE_REQUIRE_NEW_PLACE_APPROVAL: 'on' },
    });
    const steps = flectoSteps(world);
    const { email, userId, client } = await world.person();
    const count = async () => (await world.instance.sessions.list(userId)).length;
    const before = await count();
    const script = world.client();
    const login = () => script.post('/auth/login', { username: email, password: PASSWORD });
    expect(steps.refusal(await login())).toBe('403 place_approval_required');
    const { token } = await world.newestMail(email, 'ip_authorization');
    expect((await world.client().post('/v1/auth/authorize-ip', { token })).status).toBe(204);
    // Nobody waited for the session, so there is none; the place is known now, and no other.
    expect(await count()).toBe(before);
    steps.good(await login());
    expect(steps.refusal(await steps.login(email))).toBe('403 place_approval_required');
    // Where the owner has signed in by another door, it is known here, too.
    steps.good(await client.post('/auth/login', { username: email, password: PASSWORD }));
    await world.close();
  });
});

describe.each(DIALECTS)(
  "an account that must have a second factor first, at Flecto's API on %s",
  (dialect) => {
    it('is told where to set it up, and given nothing', async () => {
      const world = await createWorld({ dialect });
      const steps = flectoSteps(world);
      const { email } = await world.person();
      const strict = await createWorld({
        dialect,
        database: world,
        clock: world.clock,
        env: { FLUXGATE_REQUIRE_MFA: 'on' },
      });
      const reply = await flectoSteps(strict).login(email);
      expect(steps.refusal(reply)).toBe('403 mfa_enrollment_required');
      expect(reply.text).toContain(`${strict.config.publicUrl}/login`);
      await strict.close();
      await world.close();
    });
  },
);
