import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFactorKit,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';

const LANDING = 'https://app.example.com/back';
const NEW = 'another fine password 77';
const HOUR = 3_600_000;

describe.each(DIALECTS)("what goes through the mailbox at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    flux = await createFluxProject(world, { settings: { redirect_urls: [LANDING] } });
  });
  afterAll(() => world.close());

  const refusal = (reply: Reply) => [reply.status, codeOf(reply)];

  /** An act of a signed-in user. */
  const acting = (app: FluxProject, token: string, path: string, body: unknown): Promise<Reply> =>
    world.client().post(`/flux/v1${path}`, body, { ...app.asPage, 'x-flux-session': token });

  async function resetToken(email: string, app = flux, fields: Record<string, string> = {}) {
    const reply = await app.page('/password_reset/start', { email, ...fields });
    expect([reply.status, reply.text]).toEqual([200, '{}']);
    return await world.newestMail(email, 'password_reset');
  }

  const finish = (token: string, password = NEW, app = flux): Promise<Reply> =>
    app.page('/password_reset/finish', { token, password });

  const rowsOf = async (table: 'outbox' | 'audit_record' | 'link_token' | 'session') =>
    (await world.instance.storage.db.selectFrom(table).selectAll().execute()).length;

  describe('a forgotten password', () => {
    it('is chosen anew by the mailed token; all sessions end, and are told to have [FX-14, D05]', async () => {
      const email = newEmail();
      const first = await flux.signUp(email);
      const second = await flux.signIn(email);
      const { token, links } = await resetToken(email);
      expect(links).toEqual([`${world.baseUrl}/p/${flux.id}/reset#flux_reset=${token}`]);
      const done = handed(await finish(token));
      expect(done.user).toMatchObject({ id: first.user.id, email_verified: true });
      expect(done.session.authentication_method).toBe('password');
      for (const ended of [first, second])
        expect(codeOf(await flux.verify(ended.token))).toBe('session_revoked');
      expect((await flux.verify(done.token)).status).toBe(200);
      const told = JSON.stringify(
        await world.instance.storage.db.selectFrom('event').select('payload').execute(),
      );
      for (const { session } of [first, second]) expect(told).toContain(session.id);
      expect(told).not.toContain(done.session.id);
      expect(refusal(await flux.page('/sign_in/password', { email, password: PASSWORD }))).toEqual([
        401,
        'invalid_credentials',
      ]);
      expect((await flux.page('/sign_in/password', { email, password: NEW })).status).toBe(200);
    });

    it('is answered alike for known, unknown and closed addresses, with the same rows [A09]', async () => {
      const { user } = await flux.signUp();
      const shut = await flux.signUp();
      await world.instance.users.suspend({
        projectId: flux.id,
        id: shut.user.id,
        reason: null,
        actor: { userId: null, sessionId: null, origin: null },
      });
      await world.mails(shut.user.email);
      const answers = new Set<string>();
      for (const email of [user.email, newEmail(), shut.user.email]) {
        const reply = await world
          .client()
          .post('/flux/v1/password_reset/start', { email }, { ...flux.asPage, 'x-request-id': 'same' });
        answers.add(`${reply.status} ${reply.text}`);
      }
      expect([...answers]).toEqual(['200 {}']);
      expect((await world.mails(shut.user.email)).map(({ kind }) => kind)).toEqual(['email_verification']);
    });

    it("leads to the app's own page, if the list has exactly that [FX-19, F01]", async () => {
      const { user } = await flux.signUp();
      const own = await resetToken(user.email, flux, { redirect_url: LANDING });
      expect(own.links).toEqual([`${LANDING}#flux_reset=${own.token}`]);
      const before = await rowsOf('link_token');
      for (const redirect_url of [
        `${LANDING}/`,
        `${LANDING}?x`,
        `${LANDING}.evil.example`,
        'http://app.example.com/back',
      ]) {
        const reply = await flux.page('/password_reset/start', { email: user.email, redirect_url });
        expect(refusal(reply)).toEqual([403, 'redirect_not_allowed']);
      }
      expect(await rowsOf('link_token')).toBe(before);
    });

    it('takes a token once, of fifty at once too, and not after an hour [B02, B03]', async () => {
      const email = newEmail();
      await flux.signUp(email);
      const { token } = await resetToken(email);
      const client = world.client();
      const replies = await Promise.all(
        Array.from({ length: 50 }, () =>
          flux.page('/password_reset/finish', { token, password: NEW }, client),
        ),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status === 401))
        expect(codeOf(reply)).toBe('invalid_link');
      const late = await resetToken(email);
      world.clock.advance(HOUR);
      expect(refusal(await finish(late.token))).toEqual([401, 'invalid_link']);
    });

    it('costs no token where the new password is refused, and takes none of elsewhere [FX-05, FX-13]', async () => {
      const email = newEmail();
      await flux.signUp(email);
      const { token } = await resetToken(email);
      expect(refusal(await finish(token, 'password1'))).toEqual([422, 'weak_password']);
      const other = await createFluxProject(world);
      expect(refusal(await finish(token, NEW, other))).toEqual([401, 'invalid_link']);
      const reply = await world.client().post('/v1/auth/reset', { token, password: NEW });
      expect(reply.status).toBe(400);
      const page = await world.client().get(`/v1/auth/reset/${token}`);
      expect(page.json).toEqual({ valid: false });
      const { token: verification } = await world.newestMail(email, 'email_verification');
      expect(refusal(await finish(verification))).toEqual([401, 'invalid_link']);
      expect((await finish(token)).status).toBe(200);
    });

    it('owes a second factor as every sign-in does [B07]', async () => {
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const person = await world.person();
      await createFactorKit(world).totp(person);
      const { token, links } = await resetToken(person.email, shared);
      // The default project has pages of its own, whichever wire asked.
      expect(links).toEqual([`${world.baseUrl}/reset#token=${token}`]);
      const { session } = handed(await finish(token, NEW, shared));
      expect(session).toMatchObject({ mfa_verified: false, mfa_required: true });
    });

    it('is refused at start and finish where passwords are switched off [FX-04]', async () => {
      const app = await createFluxProject(world);
      const { user, token: session } = await app.signUp();
      const { token } = await resetToken(user.email, app);
      await app.change({ methods: { password: false } });
      const before = await rowsOf('outbox');
      for (const [path, body] of [
        ['/password_reset/start', { email: user.email }],
        ['/password_reset/finish', { token, password: NEW }],
      ] as const)
        expect(refusal(await app.page(path, body))).toEqual([403, 'method_disabled']);
      const change = { current_password: PASSWORD, new_password: NEW };
      expect(refusal(await acting(app, session, '/password/change', change))).toEqual([
        403,
        'method_disabled',
      ]);
      expect(await rowsOf('outbox')).toBe(before);
      await app.change({ methods: { password: true } });
      expect((await finish(token, NEW, app)).status).toBe(200);
    });

    it('mails five times in half an hour, project by project [K01]', async () => {
      const email = newEmail();
      const tries: number[] = [];
      for (let time = 0; time < 6; time++)
        tries.push((await flux.page('/password_reset/start', { email })).status);
      expect(tries).toEqual([200, 200, 200, 200, 200, 429]);
      const other = await createFluxProject(world);
      expect((await other.page('/password_reset/start', { email })).status).toBe(200);
      expect((await world.client().post('/v1/auth/forgot', { email })).status).toBe(204);
    });
  });

  describe('another password', () => {
    it('takes the present one, renews the session and ends all others, told by their ids [A07, D05]', async () => {
      const email = newEmail();
      const mine = await flux.signUp(email);
      const elsewhere = await flux.signIn(email);
      const { db } = world.instance.storage;
      const before = await db
        .selectFrom('event')
        .select('id')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      const wrong = { current_password: 'not my password 1', new_password: NEW };
      expect(refusal(await acting(flux, mine.token, '/password/change', wrong))).toEqual([
        401,
        'invalid_credentials',
      ]);
      const weak = { current_password: PASSWORD, new_password: 'password1' };
      expect(refusal(await acting(flux, mine.token, '/password/change', weak))).toEqual([
        422,
        'weak_password',
      ]);
      expect((await flux.verify(elsewhere.token)).status).toBe(200);
      const change = { current_password: PASSWORD, new_password: NEW };
      const renewed = handed(await acting(flux, mine.token, '/password/change', change));
      expect(renewed.user.id).toBe(mine.user.id);
      expect(renewed.session.id).not.toBe(mine.session.id);
      for (const { token } of [mine, elsewhere])
        expect(codeOf(await flux.verify(token))).toBe('session_revoked');
      expect((await flux.verify(renewed.token)).status).toBe(200);
      const told = await db
        .selectFrom('event')
        .select('payload')
        .where('id', '>', before?.id ?? '')
        .execute();
      const text = JSON.stringify(told);
      for (const { session } of [mine, elsewhere]) expect(text).toContain(session.id);
      const signIn = await flux.page('/sign_in/password', { email, password: NEW });
      expect(signIn.status).toBe(200);
      const notice = await world.newestMail(email, 'password_changed');
      expect([notice.links, notice.token]).toEqual([[], '']);
      expect(notice.text).toContain('ask App for a new password');
    });

    it('needs a session, and one that owes nothing [FX-48, B09]', async () => {
      const change = { current_password: PASSWORD, new_password: NEW };
      const none = await flux.page('/password/change', change);
      expect(refusal(none)).toEqual([401, 'invalid_session']);
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const person = await world.person();
      await createFactorKit(world).totp(person);
      const owing = await shared.signIn(person.email);
      expect(refusal(await acting(shared, owing.token, '/password/change', change))).toEqual([
        403,
        'mfa_required',
      ]);
      const foreign = await flux.signUp();
      expect(refusal(await acting(shared, foreign.token, '/password/change', change))).toEqual([
        401,
        'invalid_session',
      ]);
    });

    it('keeps of the session that two factors were shown in it', async () => {
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const person = await world.person();
      const { token, session } = await shared.signIn(person.email);
      const { db } = world.instance.storage;
      await createFactorKit(world).totp(person);
      await db
        .updateTable('session')
        .set({ is_multi_factor: 1, methods: 'password,totp' })
        .where('id', '=', session.id)
        .execute();
      await world.instance.sessions.flush();
      const change = { current_password: PASSWORD, new_password: NEW };
      const reply = await acting(shared, token, '/password/change', change);
      expect(handed(reply).session).toMatchObject({
        mfa_verified: true,
        mfa_required: false,
        authentication_method: 'password',
      });
    });

    it('makes one new session of twenty changes at once', async () => {
      const { token, user } = await flux.signUp();
      const replies = await Promise.all(
        Array.from({ length: 20 }, (_, each) =>
          acting(flux, token, '/password/change', {
            current_password: PASSWORD,
            new_password: `${NEW} ${each}`,
          }),
        ),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await world.instance.sessions.list(user.id)).toHaveLength(1);
    });
  });

  describe('an address', () => {
    it('is proved by the mail of the sign-up or by a later one, at our page or the app’s', async () => {
      const email = newEmail();
      const { token, user } = await flux.signUp(email);
      const first = await world.newestMail(email, 'email_verification');
      expect(first.links).toEqual([`${world.baseUrl}/p/${flux.id}/verify#flux_verify=${first.token}`]);
      expect(first.text).toContain('an account at App.');
      world.clock.advance(1_000);
      const asked = await acting(flux, token, '/email_verification/start', { redirect_url: LANDING });
      expect([asked.status, asked.text]).toEqual([200, '{}']);
      const second = await world.newestMail(email, 'email_verification');
      expect(second.links).toEqual([`${LANDING}#flux_verify=${second.token}`]);
      const other = await createFluxProject(world);
      const body = { token: second.token };
      expect(refusal(await other.page('/email_verification/finish', body))).toEqual([401, 'invalid_link']);
      const done = await flux.page('/email_verification/finish', body);
      expect([done.status, done.text]).toEqual([200, '{}']);
      expect(refusal(await flux.page('/email_verification/finish', body))).toEqual([401, 'invalid_link']);
      expect(handed(await flux.verify(token)).user).toEqual({ ...user, email_verified: true });
      const mails = await world.mails(email);
      await acting(flux, token, '/email_verification/start', {});
      expect(await world.mails(email)).toHaveLength(mails.length);
    });

    it('is asked about at the address that the sign-up named, if the list has it [FX-19]', async () => {
      const email = newEmail();
      const refused = await flux.page('/sign_up', { email, password: PASSWORD, redirect_url: `${LANDING}x` });
      expect(refusal(refused)).toEqual([403, 'redirect_not_allowed']);
      expect(await world.mails(email)).toEqual([]);
      handed(await flux.page('/sign_up', { email, password: PASSWORD, redirect_url: LANDING }));
      const { links, token } = await world.newestMail(email, 'email_verification');
      expect(links).toEqual([`${LANDING}#flux_verify=${token}`]);
    });

    it('is asked about three times in a quarter of an hour, and only for a session', async () => {
      const email = newEmail();
      const { token } = await flux.signUp(email);
      const tries: number[] = [];
      for (let time = 0; time < 4; time++)
        tries.push((await acting(flux, token, '/email_verification/start', {})).status);
      expect(tries).toEqual([200, 200, 200, 429]);
      // What one project has used up is not another's.
      const there = await createFluxProject(world);
      const { token: elsewhere } = await there.signUp(email);
      expect((await acting(there, elsewhere, '/email_verification/start', {})).status).toBe(200);
      expect(refusal(await flux.page('/email_verification/start', {}))).toEqual([401, 'invalid_session']);
      const bad = await acting(flux, token, '/email_verification/start', {
        redirect_url: 'https://evil.example',
      });
      expect(refusal(bad)).toEqual([403, 'redirect_not_allowed']);
    });
  });

  it.each([
    ['/password_reset/start', {}],
    ['/password_reset/start', { email: ['a@example.com'] }],
    ['/password_reset/start', { email: 'a@example.com\r\nbcc: b@example.com' }],
    ['/password_reset/start', { email: 'a@example.com', redirect_url: {} }],
    [
      '/password_reset/start',
      { email: 'a@example.com', redirect_url: `https://x.example/${'x'.repeat(2048)}` },
    ],
    ['/password_reset/finish', { token: 'x' }],
    ['/password_reset/finish', { token: 7, password: NEW }],
    ['/password_reset/finish', { token: 'x', password: '' }],
    ['/password_reset/finish', { token: 'x'.repeat(129), password: NEW }],
    ['/password_reset/finish', '{"token":"x","token":"y","password":"z"}'],
    ['/password_reset/finish', { token: 'a\u0000b', password: NEW }],
    ['/email_verification/finish', {}],
    ['/email_verification/finish', { token: null }],
    ['/email_verification/finish', '"x"'],
    ['/sign_up', { email: 'a@example.com', password: PASSWORD, redirect_url: 1 }],
  ])('refuses at %s the body %j [FX-37, F16]', async (path, body) => {
    expect(refusal(await flux.page(path, body))).toEqual([400, 'invalid_request']);
  });

  it('sends what was noted before mails named their project as the default project’s', async () => {
    const { storage, sealer, outboxWorker } = world.instance;
    const now = world.clock.now();
    const [to, token] = [newEmail(), 'x'.repeat(64)];
    await storage.db
      .insertInto('outbox')
      .values({
        ...{ id: 'out_before', channel: 'mail', kind: 'password_reset', attempts: 0 },
        payload: sealer.seal('outbox', JSON.stringify({ to, values: { token } })),
        ...{ due_at: now, last_error: null, created_at: now },
      })
      .execute();
    outboxWorker.wake();
    const { links } = await world.newestMail(to, 'password_reset');
    expect(links).toEqual([`${world.baseUrl}/reset#token=${token}`]);
  });

  it('keeps no mailed token where it can be read [I06, M02]', async () => {
    const { user } = await flux.signUp();
    const verification = await world.newestMail(user.email, 'email_verification');
    const reset = await resetToken(user.email);
    await finish(reset.token);
    const { db } = world.instance.storage;
    for (const table of ['link_token', 'outbox', 'audit_record', 'counter', 'dev_mail'] as const) {
      const rows = JSON.stringify(await db.selectFrom(table).selectAll().execute());
      for (const { token } of [verification, reset]) expect(rows).not.toContain(token);
    }
    const lines = world.logLines.join('');
    for (const secret of [verification.token, reset.token, user.email]) expect(lines).not.toContain(secret);
  });
});
