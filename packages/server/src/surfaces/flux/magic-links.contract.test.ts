import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
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

const LANDING = 'https://app.example.com/signed-in';
const MINUTE = 60_000;

describe.each(DIALECTS)("signing in by mail at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  const settings = { methods: { 'magic-link': true }, redirect_urls: [LANDING] };
  beforeAll(async () => {
    world = await createWorld({ dialect });
    flux = await createFluxProject(world, { settings });
  });
  afterAll(() => world.close());

  const users = async () =>
    (await world.instance.storage.db.selectFrom('user').select('id').execute()).length;

  async function ask(email: string, app = flux, fields: Record<string, string> = {}) {
    const reply = await app.page('/magic_links', { email, ...fields });
    expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
    const { attempt, expires_at } = reply.json as { attempt: string; expires_at: string };
    const mail = await world.newestMail(email, 'magic_link');
    const code = /\b\d{6}\b/.exec(mail.text)?.[0] ?? '';
    return { attempt, expiresAt: expires_at, mail, token: mail.token, code };
  }

  const verify = (body: Record<string, string>, app = flux): Promise<Reply> =>
    app.page('/magic_links/verify', body);

  const refusal = (reply: Reply) => [reply.status, codeOf(reply)];

  function otherCode(code: string): string {
    return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  }

  it('makes the user at the first use, with a proved address, and knows them at the second [FX-18, FX-22]', async () => {
    const email = newEmail();
    const { attempt, token, expiresAt } = await ask(email);
    expect(Date.parse(expiresAt) - world.clock.now()).toBe(15 * MINUTE);
    const before = await users();
    const first = handed(await verify({ attempt, token }));
    expect(first.user).toMatchObject({ email, email_verified: true });
    expect(first.session).toMatchObject({ authentication_method: 'magic_link', mfa_verified: false });
    expect(claimsOf(first.token)).toMatchObject({ sub: first.user.id, mfa: false });
    expect(await users()).toBe(before + 1);
    expect((await flux.verify(first.token)).status).toBe(200);
    expect(refusal(await verify({ attempt, token }))).toEqual([401, 'invalid_link']);
    const again = await ask(email.toUpperCase().replace('@EXAMPLE.COM', '@example.com'));
    expect(again.mail.to).toBe(email);
    const second = handed(await verify({ attempt: again.attempt, code: again.code }));
    expect(second.user.id).toBe(first.user.id);
    expect(await users()).toBe(before + 1);
  });

  it("mails link and code in the project's name, the secret in the fragment alone [FX-19, I06]", async () => {
    const hosted = await ask(newEmail());
    expect(hosted.mail.links).toEqual([`${world.baseUrl}/p/${flux.id}/magic#flux_magic=${hosted.token}`]);
    expect(hosted.mail.subject).toBe('Sign in to App');
    expect(hosted.mail.text).toContain(hosted.code);
    const own = await ask(newEmail(), flux, { redirect_url: LANDING });
    expect(own.mail.links).toEqual([`${LANDING}#flux_magic=${own.token}`]);
    expect(own.mail.text).not.toContain(own.attempt);
  });

  it('leads only to addresses of the list, compared whole [FX-19, F01, I04]', async () => {
    const before = await world.instance.storage.db.selectFrom('magic_link').selectAll().execute();
    for (const redirect_url of [
      `${LANDING}/`,
      `${LANDING}?a=1`,
      `${LANDING}#x`,
      LANDING.toUpperCase(),
      'https://app.example.com',
      'https://app.example.com.evil.example/signed-in',
      'https://app.example.com@evil.example/signed-in',
      'javascript:alert(1)//app.example.com/signed-in',
      '//app.example.com/signed-in',
    ]) {
      const reply = await flux.page('/magic_links', { email: newEmail(), redirect_url });
      expect([redirect_url, ...refusal(reply)]).toEqual([redirect_url, 403, 'redirect_not_allowed']);
    }
    const after = await world.instance.storage.db.selectFrom('magic_link').selectAll().execute();
    expect(after).toHaveLength(before.length);
  });

  it('answers known, unknown and closed addresses alike, and writes the same rows [FX-19, A09]', async () => {
    const { user } = await flux.signUp();
    const suspended = await flux.signUp();
    const actor = { userId: null, sessionId: null, origin: null };
    await world.instance.users.suspend({
      projectId: flux.id,
      id: suspended.user.id,
      reason: null,
      actor,
    });
    const { db } = world.instance.storage;
    const shapes = new Set<string>();
    for (const email of [user.email, newEmail(), suspended.user.email]) {
      const records = await db.selectFrom('audit_record').select('id').execute();
      const reply = await flux.page('/magic_links', { email });
      const link = await db
        .selectFrom('magic_link')
        .selectAll()
        .where('address', '=', email)
        .executeTakeFirstOrThrow();
      const after = await db.selectFrom('audit_record').select('id').execute();
      shapes.add(
        JSON.stringify([
          reply.status,
          Object.entries(reply.json as Record<string, string>).map(([key, text]) => [key, text.length]),
          Object.entries(link).map(([key, value]) => [
            key,
            key === 'address' ? '' : String(value ?? '').length,
          ]),
          after.length - records.length,
        ]),
      );
    }
    expect([...shapes]).toHaveLength(1);
    const mails = await world.mails(suspended.user.email);
    expect(mails.map(({ kind }) => kind)).toEqual(['email_verification']);
  });

  it('takes an answer once, of fifty at once too, and makes one session [FX-19, B02]', async () => {
    const email = newEmail();
    const { attempt, token, code } = await ask(email);
    const client = world.client();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, each) =>
        flux.page('/magic_links/verify', each % 2 ? { attempt, token } : { attempt, code }, client),
      ),
    );
    const won = replies.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200))
      expect(refusal(reply)).toEqual([401, 'invalid_link']);
    const { user } = handed(won[0] as Reply);
    expect(await world.instance.sessions.list(user.id)).toHaveLength(1);
  });

  it('makes one user of two attempts answered at once', async () => {
    const email = newEmail();
    const one = await ask(email);
    const two = await ask(email);
    const both = () => Promise.all([one, two].map(({ attempt, token }) => verify({ attempt, token })));
    const first = await both();
    for (const reply of first.filter(({ status }) => status !== 200))
      expect(refusal(reply)).toEqual([401, 'invalid_link']);
    const rows = await world.instance.storage.db
      .selectFrom('contact')
      .select('user_id')
      .where('project_id', '=', flux.id)
      .where('address_normal', '=', email)
      .execute();
    expect(rows).toHaveLength(1);
    // What lost was undone with what it had spent, or had spent itself: in neither case is there a second account.
    await both();
  });

  it('is over after a quarter of an hour [B03]', async () => {
    const early = await ask(newEmail());
    world.clock.advance(15 * MINUTE - 1);
    expect((await verify({ attempt: early.attempt, token: early.token })).status).toBe(200);
    const late = await ask(newEmail());
    world.clock.advance(15 * MINUTE);
    expect(refusal(await verify({ attempt: late.attempt, token: late.token }))).toEqual([
      401,
      'invalid_link',
    ]);
    expect(refusal(await verify({ attempt: late.attempt, code: late.code }))).toEqual([401, 'invalid_link']);
  });

  it('takes four wrong codes; the fifth voids the attempt, of fifty at once too [B03, B05]', async () => {
    const email = newEmail();
    const { attempt, code, token } = await ask(email);
    for (let tries = 1; tries <= 4; tries++)
      expect(refusal(await verify({ attempt, code: otherCode(code) }))).toEqual([401, 'invalid_code']);
    expect(refusal(await verify({ attempt, code: otherCode(code) }))).toEqual([401, 'invalid_link']);
    expect(refusal(await verify({ attempt, code }))).toEqual([401, 'invalid_link']);
    expect(refusal(await verify({ attempt, token }))).toEqual([401, 'invalid_link']);

    const other = await ask(newEmail());
    const wrong = { attempt: other.attempt, code: otherCode(other.code) };
    const replies = await Promise.all(Array.from({ length: 50 }, () => verify(wrong)));
    const codes = replies.map(codeOf);
    expect(codes.filter((one) => one === 'invalid_code')).toHaveLength(4);
    expect(new Set(codes)).toEqual(new Set(['invalid_code', 'invalid_link']));
    expect((await verify({ attempt: other.attempt, code: other.code })).status).toBe(401);
  });

  it('counts no right code as a wrong one, nor a wrong link as a guess', async () => {
    const { attempt, code, token } = await ask(newEmail());
    for (let tries = 0; tries < 7; tries++)
      expect(refusal(await verify({ attempt, token: `${token}x` }))).toEqual([401, 'invalid_link']);
    for (let tries = 0; tries < 4; tries++) await verify({ attempt, code: otherCode(code) });
    expect((await verify({ attempt, code: `${code.slice(0, 3)} ${code.slice(3)}` })).status).toBe(200);
  });

  it('takes no link or code of another attempt, nor of another project [FX-05, B03]', async () => {
    const email = newEmail();
    const mine = await ask(email);
    const theirs = await ask(email);
    expect(refusal(await verify({ attempt: mine.attempt, token: theirs.token }))).toEqual([
      401,
      'invalid_link',
    ]);
    if (mine.code !== theirs.code)
      expect(refusal(await verify({ attempt: mine.attempt, code: theirs.code }))).toEqual([
        401,
        'invalid_code',
      ]);
    const other = await createFluxProject(world, { settings });
    for (const answer of [{ token: mine.token }, { code: mine.code }])
      expect(refusal(await verify({ attempt: mine.attempt, ...answer }, other))).toEqual([
        401,
        'invalid_link',
      ]);
    expect((await verify({ attempt: mine.attempt, code: mine.code })).status).toBe(200);
  });

  it('is refused at start and finish where the project has switched it off [FX-03, FX-04, FX-06]', async () => {
    const app = await createFluxProject(world, { settings });
    const { attempt, token } = await ask(newEmail(), app);
    await app.change({ methods: { 'magic-link': false } });
    const before = await users();
    expect(refusal(await app.page('/magic_links', { email: newEmail() }))).toEqual([403, 'method_disabled']);
    expect(refusal(await verify({ attempt, token }, app))).toEqual([403, 'method_disabled']);
    expect(await users()).toBe(before);
    await app.change({ methods: { 'magic-link': true } });
    expect((await verify({ attempt, token }, app)).status).toBe(200);
  });

  it('casts out whoever set the account up in the name of a mailbox that was never proved [bug 38]', async () => {
    const email = newEmail();
    const stranger = await flux.signUp(email);
    expect(stranger.user.email_verified).toBe(false);
    const asked = await flux.page('/password_reset/start', { email });
    expect(asked.status).toBe(200);
    const reset = await world.newestMail(email, 'password_reset');
    const { attempt, token } = await ask(email);
    const owner = handed(await verify({ attempt, token }));
    expect(owner.user).toMatchObject({ id: stranger.user.id, email_verified: true });
    expect(codeOf(await flux.verify(stranger.token))).toBe('session_revoked');
    const byPassword = await flux.page('/sign_in/password', { email, password: PASSWORD });
    expect(codeOf(byPassword)).toBe('invalid_credentials');
    const byReset = await flux.page('/password_reset/finish', { token: reset.token, password: PASSWORD });
    expect(refusal(byReset)).toEqual([401, 'invalid_link']);
    expect(await world.instance.sessions.list(owner.user.id)).toHaveLength(1);
    // From now on it is the owner's: the next mail takes nothing away.
    const next = await ask(email);
    handed(await verify({ attempt: next.attempt, token: next.token }));
    expect((await flux.verify(owner.token)).status).toBe(200);
  });

  it('leaves the password of a mailbox that was proved before', async () => {
    const shared = await createFluxProject(world, { projectId: world.instance.project.id, settings });
    const { email, userId } = await world.person();
    const { attempt, token, mail } = await ask(email, shared);
    expect(mail.links).toEqual([`${world.baseUrl}/p/${shared.id}/magic#flux_magic=${token}`]);
    expect(handed(await verify({ attempt, token }, shared)).user.id).toBe(userId);
    await shared.signIn(email);
  });

  it('owes a second factor where there is one, as every way in [B07, B09]', async () => {
    const shared = await createFluxProject(world, { projectId: world.instance.project.id, settings });
    const person = await world.person();
    await createFactorKit(world).totp(person);
    const { attempt, token } = await ask(person.email, shared);
    const { session } = handed(await verify({ attempt, token }, shared));
    expect(session).toMatchObject({ mfa_verified: false, mfa_required: true });
  });

  it("locks nobody's link by a stranger's wrong codes, and lets no stranger guess on [B05, K04]", async () => {
    const email = newEmail();
    const first = await ask(email);
    handed(await verify({ attempt: first.attempt, token: first.token }));
    const answers: string[] = [];
    for (let round = 0; round < 11; round++) {
      world.clock.advance(31 * MINUTE);
      const { attempt, code } = await ask(email);
      for (let tries = 0; tries < 5; tries++)
        answers.push(codeOf(await verify({ attempt, code: otherCode(code) })));
    }
    expect(answers.slice(0, 50)).not.toContain('rate_limited');
    expect(answers.slice(50)).toEqual(Array(5).fill('rate_limited'));
    const { attempt, token, code } = await ask(email);
    expect(refusal(await verify({ attempt, code }))).toEqual([429, 'rate_limited']);
    expect((await verify({ attempt, token })).status).toBe(200);
  });

  it('mails five times in half an hour, whoever asks, project by project [K01]', async () => {
    const email = newEmail();
    const replies: number[] = [];
    for (let time = 0; time < 6; time++) replies.push((await flux.page('/magic_links', { email })).status);
    expect(replies).toEqual([200, 200, 200, 200, 200, 429]);
    const other = await createFluxProject(world, { settings });
    expect((await other.page('/magic_links', { email })).status).toBe(200);
  });

  it.each([
    ['/magic_links', {}],
    ['/magic_links', { email: 7 }],
    ['/magic_links', { email: 'nobody' }],
    ['/magic_links', { email: 'a@example.com\u0000' }],
    ['/magic_links', { email: 'a@example.com, b@example.com' }],
    ['/magic_links', { email: 'a@example.com', redirect_url: 7 }],
    ['/magic_links', { email: 'a@example.com', redirect_url: '' }],
    ['/magic_links/verify', {}],
    ['/magic_links/verify', { attempt: 'x' }],
    ['/magic_links/verify', { attempt: 'x', token: 'y', code: '000000' }],
    ['/magic_links/verify', { attempt: ['x'], token: 'y' }],
    ['/magic_links/verify', { attempt: 'x', code: 123456 }],
    ['/magic_links/verify', { attempt: 'x'.repeat(129), token: 'y' }],
    ['/magic_links/verify', '{"attempt":"x","attempt":"y","token":"z"}'],
    ['/magic_links/verify', '[]'],
    ['/magic_links/verify', '{'],
  ])('refuses at %s the body %j [FX-37, F16]', async (path, body) => {
    const reply = await flux.page(path, body);
    expect(refusal(reply)).toEqual([400, 'invalid_request']);
  });

  it('answers only the publishable key of the project, and no GET [FX-02, I03]', async () => {
    for (const path of ['/magic_links', '/magic_links/verify']) {
      expect(codeOf(await flux.app(path, { email: newEmail() }))).toBe('invalid_api_key');
      expect((await world.client().get(`/flux/v1${path}`, flux.asPage)).status).toBe(404);
    }
  });

  it('keeps neither attempt, secret nor code where they can be read [I06, M02, M03]', async () => {
    const email = newEmail();
    const { attempt, token, code } = await ask(email);
    await verify({ attempt, code: otherCode(code) });
    const { db } = world.instance.storage;
    for (const table of ['magic_link', 'outbox', 'audit_record', 'counter'] as const) {
      const rows = JSON.stringify(await db.selectFrom(table).selectAll().execute());
      for (const secret of [attempt, token]) expect(rows).not.toContain(secret);
    }
    const mailbox = JSON.stringify(await db.selectFrom('dev_mail').selectAll().execute());
    expect(mailbox).not.toContain(token);
    const lines = world.logLines.join('');
    for (const secret of [attempt, token, email]) expect(lines).not.toContain(secret);
  });
});
