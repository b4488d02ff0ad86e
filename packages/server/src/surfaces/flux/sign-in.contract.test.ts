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
  type World,
} from '../../testing/index.ts';

describe.each(DIALECTS)("signing in at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    flux = await createFluxProject(world);
  });
  afterAll(() => world.close());

  const users = () => world.instance.storage.db.selectFrom('user').select('id').execute();

  describe('sign-up', () => {
    it('makes a user and opens a session that any verify knows [FX-10, FX-22, FX-50]', async () => {
      const email = newEmail();
      const up = handed(await flux.page('/sign_up', { email, password: PASSWORD }));
      expect(up.user).toEqual({
        id: expect.stringMatching(/^[1-9]\d{16,18}$/),
        email,
        email_verified: false,
        created_at: new Date(world.clock.now()).toISOString(),
      });
      expect(up.session).toMatchObject({
        user_id: up.user.id,
        authentication_method: 'password',
        mfa_verified: false,
        mfa_required: false,
      });
      const verified = handed(await flux.verify(up.token));
      expect(verified.user).toEqual(up.user);
      expect(verified.session.id).toBe(up.session.id);
      const signedIn = await flux.signIn(email);
      expect(Object.keys(signedIn)).toEqual(Object.keys(up));
      expect(Object.keys(claimsOf(signedIn.token))).toEqual(Object.keys(claimsOf(up.token)));
      expect(signedIn.session.id).not.toBe(up.session.id);
    });

    it('takes an address once, whatever its case, of parallel ones too [FX-11]', async () => {
      const app = await createFluxProject(world);
      const email = newEmail();
      const replies = await Promise.all(
        Array.from({ length: 3 }, (_, each) =>
          app.page('/sign_up', { email: each % 2 ? email.toUpperCase() : email, password: PASSWORD }),
        ),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const reply of replies.filter(({ status }) => status !== 200))
        expect([reply.status, codeOf(reply)]).toEqual([409, 'already_exists']);
    });

    it.each([
      ['short7!', 422, 'weak_password'],
      ['password1', 422, 'weak_password'],
      ['x'.repeat(257), 422, 'weak_password'],
      ['', 400, 'invalid_request'],
    ])('refuses the password %j and makes nobody [FX-13, A01, A05]', async (password, status, code) => {
      const before = (await users()).length;
      const reply = await flux.page('/sign_up', { email: newEmail(), password });
      expect([reply.status, codeOf(reply)]).toEqual([status, code]);
      expect(await users()).toHaveLength(before);
    });

    it.each([
      'nobody',
      'a@b',
      '"a b"@example.com',
      'a@example.com, b@example.com',
      'a@example.com\r\nbcc: b@example.com',
      '',
      7,
      null,
    ])('refuses the address %j [FX-37, L01]', async (email) => {
      const reply = await flux.page('/sign_up', { email, password: PASSWORD });
      expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request']);
    });

    it('stores a slow hash and neither password nor token [FX-13, A08, D01]', async () => {
      const { token, session } = await flux.signUp();
      const { db } = world.instance.storage;
      const rows = await db.selectFrom('session').selectAll().where('id', '=', session.id).execute();
      expect(JSON.stringify(rows)).not.toContain(token.split('.')[2]);
      const credentials = await db.selectFrom('password_credential').selectAll().execute();
      expect(JSON.stringify(credentials)).not.toContain(PASSWORD);
      expect(JSON.stringify(credentials)).toContain('$argon2id$');
      expect(world.logLines.join('')).not.toContain(token.split('.')[2]);
    });
  });

  describe('by password', () => {
    it('answers a wrong password and an unknown address alike, byte for byte [FX-12, A09]', async () => {
      const { user } = await flux.signUp();
      const bodies = new Set<string>();
      for (const body of [
        { email: user.email, password: 'wrong password 123' },
        { email: newEmail(), password: PASSWORD },
        { email: 'no address', password: PASSWORD },
      ]) {
        const reply = await world.client().post('/flux/v1/sign_in/password', body, {
          ...flux.asPage,
          'x-request-id': 'same',
        });
        expect(reply.status).toBe(401);
        bodies.add(reply.text);
      }
      expect([...bodies]).toEqual([expect.stringContaining('"invalid_credentials"')]);
    });

    it('knows only the users of the project [FX-05]', async () => {
      const email = newEmail();
      await flux.signUp(email);
      const other = await createFluxProject(world);
      const reply = await other.page('/sign_in/password', { email, password: PASSWORD });
      expect(codeOf(reply)).toBe('invalid_credentials');
    });

    it('counts tries by project, so that none locks another’s user out [FX-05, K01]', async () => {
      const email = newEmail();
      const other = await createFluxProject(world);
      await flux.signUp(email);
      await other.signUp(email);
      const tries: string[] = [];
      for (let time = 0; time < 7; time++) {
        const body = { email, password: 'wrong password 123' };
        tries.push(codeOf(await flux.page('/sign_in/password', body)));
      }
      expect(tries.slice(0, 4)).toEqual(Array(4).fill('invalid_credentials'));
      expect(tries.at(-1)).toBe('rate_limited');
      await other.signIn(email);
    });

    it('opens the same account that Fluxer’s clients sign in to, where the project is theirs', async () => {
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const { email, userId } = await world.person();
      const { user } = await shared.signIn(email);
      expect(user).toMatchObject({ id: userId, email, email_verified: true });
      expect(codeOf(await flux.page('/sign_in/password', { email, password: PASSWORD }))).toBe(
        'invalid_credentials',
      );
    });
  });

  it('is refused at once when the project switches passwords off, and makes nobody [FX-03, FX-04, FX-06]', async () => {
    const other = await createFluxProject(world);
    const app = await createFluxProject(world);
    const email = newEmail();
    const { token } = await app.signUp(email);
    await app.change({ methods: { password: false } });
    const before = (await users()).length;
    for (const [path, body] of [
      ['/sign_up', { email: newEmail(), password: PASSWORD }],
      ['/sign_in/password', { email, password: PASSWORD }],
      ['/sign_in/password', { email, password: 'wrong password 123' }],
    ] as const) {
      const reply = await app.page(path, body);
      expect([reply.status, codeOf(reply)]).toEqual([403, 'method_disabled']);
    }
    expect(await users()).toHaveLength(before);
    // Whoever is in stays in, and another project's switch is its own.
    expect((await app.verify(token)).status).toBe(200);
    await other.signUp();
    expect((await world.direct.get('/flux/v1/settings', app.asPage)).json).toMatchObject({
      methods: { password: false },
    });
    await app.change({ methods: { password: true } });
    await app.signIn(email);
  });

  describe('a second factor that is owed', () => {
    it('by the project is marked in the session, from the moment it is demanded [FX-43, FX-48, FX-51]', async () => {
      const app = await createFluxProject(world);
      const email = newEmail();
      const { token, session } = await app.signUp(email);
      expect(session).toMatchObject({ mfa_verified: false, mfa_required: false });
      await app.change({ mfa: { required: true } });
      const verified = handed(await app.verify(token));
      expect(verified.session).toMatchObject({ mfa_verified: false, mfa_required: true });
      expect(claimsOf(verified.token)['mfa']).toBe(false);
      expect((await app.signIn(email)).session).toMatchObject({ mfa_verified: false, mfa_required: true });
    });

    it('by the user’s own factor is marked, too, and the session opens nothing of ours [FX-48, FX-50, B09]', async () => {
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const kit = createFactorKit(world);
      const person = await world.person();
      const before = await shared.signIn(person.email);
      await kit.totp(person);
      const after = await shared.signIn(person.email);
      for (const { token } of [before, after]) {
        const { session } = handed(await shared.verify(token));
        expect(session).toMatchObject({ mfa_verified: false, mfa_required: true });
      }
      // Nor does it make the place known to the wires that ask, nor count as a session of theirs.
      const reply = await world.client().post('/v1/auth/login', { email: person.email, password: PASSWORD });
      expect(reply.json).toMatchObject({ mfa: true });
    });

    it('by everybody at this instance is marked whatever the project asks [FX-43, FX-46]', async () => {
      const strict = await createWorld({ dialect, env: { FLUXGATE_REQUIRE_MFA: 'on' } });
      const { session } = await (await createFluxProject(strict)).signUp();
      expect(session).toMatchObject({ mfa_verified: false, mfa_required: true });
      await strict.close();
    });

    it('does not bring back an account that its owner has closed [B09]', async () => {
      const shared = await createFluxProject(world, { projectId: world.instance.project.id });
      const kit = createFactorKit(world);
      const person = await world.person();
      await kit.totp(person);
      const { storage } = world.instance;
      await storage.transaction(async (tx) => {
        await tx.updateTable('user').set({ status: 'disabled' }).where('id', '=', person.userId).execute();
      });
      const reply = await shared.page('/sign_in/password', { email: person.email, password: PASSWORD });
      expect(codeOf(reply)).toBe('account_suspended');
    });
  });

  it('mails a link that confirms the address in this project, on the pages that all projects share [FX-05]', async () => {
    const other = await createFluxProject(world);
    const email = newEmail();
    const strangers = await other.signUp(email);
    await world.mails(email);
    const { token } = await flux.signUp(email);
    const mails = await world.mails(email);
    const newest = mails.find(({ kind }) => kind === 'email_verification');
    const opened = await world.client().form('/verify', { token: newest?.token ?? '' });
    expect(opened.status).toBe(200);
    const verified = [await flux.verify(token), await other.verify(strangers.token)].map(
      (reply) => handed(reply).user.email_verified,
    );
    expect(verified.filter((isVerified) => isVerified)).toHaveLength(1);
    expect((await world.client().form('/verify', { token: newest?.token ?? '' })).status).toBe(400);
  });

  it('tells whether the address is confirmed, as soon as it is', async () => {
    const shared = await createFluxProject(world, { projectId: world.instance.project.id });
    const email = newEmail();
    const { token } = await shared.signUp(email);
    const mail = await world.newestMail(email, 'email_verification');
    expect((await world.client().post('/v1/auth/verify', { token: mail.token })).status).toBe(204);
    expect(handed(await shared.verify(token)).user.email_verified).toBe(true);
    expect((await shared.signIn(email)).user.email_verified).toBe(true);
  });
});
