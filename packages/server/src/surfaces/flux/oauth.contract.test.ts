import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  APP_BACK,
  anyCallbackOf,
  CLIENT_ID,
  CLIENT_SECRET,
  claimsOf,
  createGithubServer,
  createIdentityProvider,
  createSocialKit,
  createWorld,
  DIALECTS,
  type GithubServer,
  githubber,
  type IdentityProviderServer,
  newEmail,
  PassingClock,
  type ProviderPerson,
  socialBrowser,
  somebody,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
type Kit = Awaited<ReturnType<typeof createSocialKit>>;

describe.each(DIALECTS)('signing in at Google and GitHub on %s', (dialect) => {
  let world: World;
  let google: IdentityProviderServer;
  let github: GithubServer;
  let kit: Kit;
  beforeAll(async () => {
    google = await createIdentityProvider({ isCallback: anyCallbackOf(() => world, 'google') });
    github = await createGithubServer({ isCallback: anyCallbackOf(() => world, 'github') });
    world = await createWorld({ dialect, clock: new PassingClock(), env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  beforeEach(async () => {
    github.play(null);
    kit = await createSocialKit(world, {
      google: {
        settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer },
      },
      github: { settings: github.credentials },
    });
  });
  afterAll(async () => {
    await world.close();
    await google.close();
    await github.close();
  });

  const atGoogle = (person: ProviderPerson | null) => (url: string) => google.visit(url, person);
  const atGithub = (person: ReturnType<typeof githubber> | null) => (url: string) =>
    github.visit(url, person);

  describe('the first time', () => {
    it('makes the user at Google, whose address it has verified [FX-15, FX-22]', async () => {
      const person = somebody({ name: 'Ada Lovelace' });
      const { user, session, token } = await kit.signIn('google', atGoogle(person));
      expect(user).toMatchObject({ email: person['email'], email_verified: true });
      expect(session).toMatchObject({ authentication_method: 'google', mfa_verified: false });
      expect(claimsOf(token)).toMatchObject({ sub: user.id, amr: [], mfa: false });
      expect(await kit.usersNow()).toEqual([user.id]);
      expect((await kit.flux.verify(token)).status).toBe(200);
      expect(await kit.trail('registration.completed')).toMatchObject([
        { user_id: user.id, method: 'google' },
      ]);
      expect(await kit.trail('sign-in.succeeded')).toMatchObject([{ user_id: user.id, method: 'google' }]);
    });

    it('makes the user at GitHub, by the number and not the login [FX-15, G02]', async () => {
      const email = newEmail();
      const person = githubber(email);
      const first = await kit.signIn('github', atGithub(person));
      expect(first.user).toMatchObject({ email, email_verified: true });
      expect(first.session.authentication_method).toBe('github');
      const again = await kit.signIn('github', atGithub({ ...person, login: 'renamed', emails: [] }));
      expect(again.user.id).toBe(first.user.id);
      expect(again.session.id).not.toBe(first.session.id);
      const stranger = await kit.signIn(
        'github',
        atGithub({ ...githubber(newEmail()), login: person.login }),
      );
      expect(stranger.user.id).not.toBe(first.user.id);
      expect(github.asked.every(({ userAgent }) => userAgent !== undefined)).toBe(true);
    });

    it('makes one without an address, and one whose address nobody has verified', async () => {
      const without = await kit.signIn('github', atGithub(githubber(null)));
      expect(without.user).toMatchObject({ email: null, email_verified: false });
      const email = newEmail();
      const unverified = await kit.signIn('github', atGithub(githubber(email, { verified: false })));
      expect(unverified.user).toMatchObject({ email, email_verified: false });
      const none = await kit.signIn('google', atGoogle(somebody({ email: undefined })));
      expect(none.user.email).toBeNull();
      expect(await kit.usersNow()).toHaveLength(3);
    });

    it('marks a factor that the project asks of everybody', async () => {
      await kit.flux.change({ mfa: { required: true } });
      const { session, token } = await kit.signIn('google', atGoogle(somebody()));
      expect(session).toMatchObject({ mfa_required: true, mfa_verified: false });
      expect(claimsOf(token)['mfa']).toBe(false);
    });
  });

  describe('an address that somebody here has [FX-17]', () => {
    it('joins the two where both have verified it, and tells the owner [FX-17]', async () => {
      for (const [provider, visit] of [
        ['google', (email: string) => atGoogle(somebody({ email: email.toUpperCase() }))],
        ['github', (email: string) => atGithub(githubber(email))],
      ] as const) {
        const { user } = await kit.flux.signUp();
        await kit.verify(user.id);
        const joined = await kit.signIn(provider, visit(user.email));
        expect(joined.user).toMatchObject({ id: user.id, email: user.email, email_verified: true });
        expect(joined.session.authentication_method).toBe(provider);
        const mail = await world.newestMail(user.email, 'identity_joined');
        expect(mail.text).toContain(provider === 'google' ? 'Google' : 'GitHub');
        expect(await kit.trail('identity.joined')).toContainEqual({
          ...{ user_id: user.id, method: provider, outcome: null },
        });
        // The password goes on to work.
        expect((await kit.flux.signIn(user.email)).user.id).toBe(user.id);
      }
    });

    it.each([
      ['nobody has verified here', false, true],
      ['Google has not verified', true, false],
      ['Google calls verified by a text', true, 'true'],
      ['Google says nothing of', true, undefined],
    ])('joins nothing that %s [FX-17, G05, bug 37]', async (_, isVerifiedHere, email_verified) => {
      const { user } = await kit.flux.signUp();
      if (isVerifiedHere) await kit.verify(user.id);
      const person = somebody({ email: user.email, email_verified });
      const { query } = await kit.through('google', atGoogle(person));
      expect(query).toMatchObject({ error: 'account_exists' });
      expect(query).not.toHaveProperty('code');
      expect(await kit.usersNow()).toEqual([user.id]);
      expect(await kit.identities().execute()).toEqual([]);
      expect(await kit.trail('sign-in.refused')).toMatchObject([
        { method: 'google', outcome: 'account-exists' },
      ]);
      expect((await world.mails(user.email)).map(({ kind }) => kind)).not.toContain('identity_joined');
    });

    it('joins nothing that GitHub has not verified, or that is not the primary one [FX-17]', async () => {
      const { user } = await kit.flux.signUp();
      await kit.verify(user.id);
      const unverified = await kit.through('github', atGithub(githubber(user.email, { verified: false })));
      expect(unverified.query).toMatchObject({ error: 'account_exists' });
      const own = newEmail();
      const person = githubber(own);
      person.emails.push({ email: user.email, primary: false, verified: true });
      const other = await kit.signIn('github', atGithub(person));
      expect(other.user).toMatchObject({ email: own });
      expect(other.user.id).not.toBe(user.id);
    });

    it('is of no matter once somebody is known: an identity follows no address', async () => {
      const person = somebody();
      const { user } = await kit.signIn('google', atGoogle(person));
      const other = await kit.flux.signUp();
      await kit.verify(other.user.id);
      const moved = await kit.signIn('google', atGoogle({ ...person, email: other.user.email }));
      expect(moved.user).toEqual(user);
      // And whoever has the address there now is somebody else.
      const heir = await kit.through(
        'google',
        atGoogle(somebody({ email: user.email, email_verified: false })),
      );
      expect(heir.query).toMatchObject({ error: 'account_exists' });
    });

    it('of another project is as if it were not there [FX-05]', async () => {
      const person = somebody();
      const { user } = await kit.signIn('google', atGoogle(person));
      const other = await createSocialKit(world, {
        google: { settings: { client_id: CLIENT_ID, client_secret: CLIENT_SECRET, issuer: google.issuer } },
      });
      expect((await other.signIn('google', atGoogle(person))).user.id).not.toBe(user.id);
    });
  });

  it('keeps the people of two providers apart, whatever they are called [G02]', async () => {
    await kit.flux.change({ methods: { microsoft: true } });
    const credentials = { client_id: CLIENT_ID, client_secret: CLIENT_SECRET };
    await kit.set('microsoft', { ...credentials, issuer: google.issuer });
    const person = githubber(null);
    const one = await kit.signIn('github', atGithub(person));
    const two = await kit.signIn('google', atGoogle(somebody({ sub: String(person.id), email: undefined })));
    expect(two.user.id).not.toBe(one.user.id);
    const keys = (await kit.identities().execute()).map(({ issuer }) => issuer);
    expect(new Set(keys).size).toBe(2);
  });

  describe('a switch', () => {
    it.each(['start', 'finish'])(
      'that is off at the %s lets nobody in and makes nobody [FX-04, G07, bug 43]',
      async (when) => {
        const browser = socialBrowser(world, kit.flux);
        const off = () => kit.flux.change({ methods: { google: false } });
        if (when === 'start') await off();
        const begun = await browser.begin('google');
        if (when === 'start') {
          const query = Object.fromEntries(new URL(begun.url).searchParams);
          expect(query).toEqual({ error: 'method_disabled', state: begun.state });
          return;
        }
        const query = await google.visit(begun.url, somebody());
        await off();
        const back = await browser.comeBack('google', query);
        expect(back.headers.get('location')).toBe(`${APP_BACK}?error=method_disabled&state=${begun.state}`);
        await kit.flux.change({ methods: { google: true } });
        // It was answered, and is over.
        expect((await browser.comeBack('google', query)).status).toBe(401);
        expect(await kit.usersNow()).toEqual([]);
      },
    );

    it('is off without credentials, too, and when they are taken away meanwhile', async () => {
      const browser = socialBrowser(world, kit.flux);
      const begun = await browser.begin('github');
      const query = github.visit(begun.url, githubber(newEmail()));
      const of = { projectId: kit.flux.id, provider: 'github' } as const;
      const actor = { userId: null, sessionId: null, origin: null };
      await world.instance.projectProviders.remove({ ...of, actor });
      expect((await browser.comeBack('github', query)).headers.get('location')).toContain('method_disabled');
      expect((await browser.begin('github')).url).toContain('error=method_disabled');
      expect(await kit.usersNow()).toEqual([]);
    });
  });

  it('tells the app when the person did not want to, or may not', async () => {
    expect((await kit.through('google', atGoogle(null))).query).toMatchObject({ error: 'access_denied' });
    expect((await kit.through('github', atGithub(null))).query).toMatchObject({ error: 'access_denied' });
    const person = somebody();
    const { user } = await kit.signIn('google', atGoogle(person));
    await world.instance.storage.db
      .updateTable('user')
      .set({ status: 'suspended', suspended_until: null })
      .where('id', '=', user.id)
      .execute();
    const { query } = await kit.through('google', atGoogle(person));
    expect(query).toEqual({ error: 'account_suspended', state: expect.any(String) });
    // Nor is anything joined to an account that is closed.
    const joining = await kit.through('github', atGithub(githubber(user.email)));
    expect(joining.query).toMatchObject({ error: 'account_suspended' });
    expect(await kit.identities().execute()).toHaveLength(1);
    expect(await kit.usersNow()).toEqual([user.id]);
  });

  it('signs in once, of fifty callbacks at once [B02, FX-16]', async () => {
    for (const [provider, visit] of [
      ['google', atGoogle(somebody())],
      ['github', atGithub(githubber(newEmail()))],
    ] as const) {
      const browser = socialBrowser(world, kit.flux);
      const begun = await browser.begin(provider);
      const query = await visit(begun.url);
      const replies = await Promise.all(Array.from({ length: 50 }, () => browser.comeBack(provider, query)));
      const codes = replies.filter((reply) => reply.headers.get('location')?.includes('code='));
      expect(codes).toHaveLength(1);
    }
    expect(await kit.usersNow()).toHaveLength(2);
    expect(await kit.trail('sign-in.succeeded')).toHaveLength(2);
  });

  it('makes one user of one person who comes several times at once, and calls nobody taken', async () => {
    const person = githubber(newEmail());
    const came = await Promise.all(Array.from({ length: 8 }, () => kit.through('github', atGithub(person))));
    const errors = came.flatMap(({ query }) => query['error'] ?? []);
    expect(errors.length).toBeLessThan(8);
    expect(new Set(errors)).toEqual(new Set(errors.length > 0 ? ['sign_in_failed'] : []));
    expect(await kit.usersNow()).toHaveLength(1);
    expect((await kit.through('github', atGithub(person))).query).toHaveProperty('code');
  });

  it('lets one browser be on its way several times at once', async () => {
    const browser = socialBrowser(world, kit.flux);
    const [one, two] = [await browser.begin('google'), await browser.begin('github')];
    const github2 = await browser.comeBack('github', github.visit(two.url, githubber(newEmail())));
    const google1 = await browser.comeBack('google', await google.visit(one.url, somebody()));
    for (const reply of [github2, google1]) expect(reply.headers.get('location')).toContain('code=');
  });

  it('keeps what it must not tell out of cookies, rows and log', async () => {
    const browser = socialBrowser(world, kit.flux);
    const begun = await browser.begin('google');
    const [cookie = ''] = begun.reply.headers.getSetCookie();
    expect(cookie).toMatch(/^flux_oauth=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(begun.reply.headers.get('cache-control')).toBe('no-store');
    const { searchParams } = new URL(begun.url);
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    const query = await google.visit(begun.url, somebody());
    const back = await browser.comeBack('google', query);
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { db } = world.instance.storage;
    const rows = JSON.stringify([
      await db.selectFrom('social_attempt').selectAll().execute(),
      await db.selectFrom('return_code').selectAll().execute(),
      await db.selectFrom('audit_record').selectAll().execute(),
    ]);
    const secrets = [
      code,
      browser.cookie ?? '',
      searchParams.get('state') ?? '',
      searchParams.get('nonce') ?? '',
    ];
    for (const secret of [...secrets, CLIENT_SECRET]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(rows).not.toContain(secret);
      expect(world.logLines.join('')).not.toContain(secret);
    }
  });

  it('keeps no attempt that is over', async () => {
    await socialBrowser(world, kit.flux).begin('google');
    world.clock.advance(11 * MINUTE);
    await world.instance.clean();
    const { db } = world.instance.storage;
    expect(await db.selectFrom('social_attempt').selectAll().execute()).toEqual([]);
  });
});
