import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  claimsOf,
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxHanded,
  type FluxProject,
  handed,
  newEmail,
  PASSWORD,
  type World,
} from '../../testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK_SECONDS = 604_800;
const ORIGIN = {
  address: '192.0.2.1',
  source: '192.0.2.1',
  network: '192.0.2.0/24',
  userAgent: null,
  isDesktop: false,
};
const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)("sessions at Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  let other: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
    other = await createFluxProject(world);
  });
  afterAll(() => world.close());

  const seconds = () => Math.floor(world.clock.now() / 1000);

  describe('a token', () => {
    it('is a JWT of seven days that names project, user and session [FX-60, FX-61]', async () => {
      const { token, user, session } = await flux.signUp();
      expect(token.split('.')).toHaveLength(3);
      const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object;
      expect(header).toEqual({ alg: 'ES256', typ: 'session+jwt', kid: expect.stringMatching(/^sig_/) });
      expect(claimsOf(token)).toEqual({
        iss: `${world.config.publicUrl}/flux/v1/projects/${flux.id}`,
        aud: flux.id,
        sub: user.id,
        sid: session.id,
        jti: expect.stringMatching(/^[0-9A-Za-z]{22}$/),
        iat: seconds(),
        exp: seconds() + WEEK_SECONDS,
        amr: ['pwd'],
        mfa: false,
      });
    });

    it('lives as long as the project says, also one that was given out before [FX-62, bug 35]', async () => {
      const short = await createFluxProject(world, { settings: { session: { ttl_seconds: 3_600 } } });
      const { token, session } = await short.signUp();
      expect(claimsOf(token)['exp']).toBe(seconds() + 3_600);
      expect(session.expires_at).toBe(new Date(world.clock.now() + HOUR).toISOString());
      world.clock.advance(20 * MINUTE);
      expect((await short.verify(token)).status).toBe(200);
      await short.change({ session: { ttl_seconds: 600 } });
      expect(codeOf(await short.verify(token))).toBe('session_expired');
    });
  });

  describe('verifying', () => {
    it('tells user and session, and hands back another, later token of the same session [FX-34, FX-63]', async () => {
      const signedUp = await flux.signUp();
      world.clock.advance(HOUR);
      const verified = handed(await flux.verify(signedUp.token));
      expect(verified.user).toEqual({ ...signedUp.user, email: expect.stringContaining('@example.com') });
      expect(verified.session).toEqual({
        ...signedUp.session,
        expires_at: new Date(world.clock.now() + WEEK_SECONDS * 1000).toISOString(),
        last_active_at: new Date(world.clock.now()).toISOString(),
      });
      expect(verified.token).not.toBe(signedUp.token);
      const [before, after] = [claimsOf(signedUp.token), claimsOf(verified.token)];
      expect(after).toMatchObject({ sid: before['sid'], sub: before['sub'] });
      expect(after['exp']).toBe((before['exp'] as number) + 3_600);
      // Both go on.
      for (const token of [signedUp.token, verified.token])
        expect((await flux.verify(token)).status).toBe(200);
    });

    it('keeps a session going as long as it is used, and no longer than its last token [FX-63, D04]', async () => {
      let { token } = await flux.signUp();
      for (let day = 0; day < 3; day++) {
        world.clock.advance(6 * DAY);
        ({ token } = handed(await flux.verify(token)));
        await world.instance.sessions.flush();
      }
      world.clock.advance(7 * DAY);
      expect(codeOf(await flux.verify(token))).toBe('session_expired');
    });

    it('hands back the same token while it is young, where the project wants that', async () => {
      const calm = await createFluxProject(world, { settings: { session: { renew_after_seconds: 300 } } });
      const { token } = await calm.signUp();
      world.clock.advance(4 * MINUTE);
      expect(handed(await calm.verify(token)).token).toBe(token);
      world.clock.advance(2 * MINUTE);
      expect(handed(await calm.verify(token)).token).not.toBe(token);
    });

    it('ends at the project’s idle and absolute limits, from the moment they are set [FX-62, bug 35]', async () => {
      const strict = await createFluxProject(world);
      const idle = await strict.signUp();
      const used = await strict.signUp();
      world.clock.advance(20 * MINUTE);
      let { token } = handed(await strict.verify(used.token));
      await world.instance.sessions.flush();
      await strict.change({ session: { idle_seconds: 900 } });
      expect(codeOf(await strict.verify(idle.token))).toBe('session_expired');
      expect((await strict.verify(token)).status).toBe(200);
      await strict.change({ session: { idle_seconds: null, absolute_seconds: 1_800 } });
      ({ token } = handed(await strict.verify(token)));
      expect(claimsOf(token)['exp']).toBe((claimsOf(used.token)['iat'] as number) + 1_800);
      world.clock.advance(10 * MINUTE);
      expect(codeOf(await strict.verify(token))).toBe('session_expired');
    });

    it('tells no end that no token reaches, where the idle limit is longer than their life [FX-62]', async () => {
      const { id, signUp, verify } = await createFluxProject(world, {
        settings: { session: { ttl_seconds: 600, idle_seconds: 3_600 } },
      });
      const { token, user, session } = await signUp();
      expect(session.expires_at).toBe(new Date(world.clock.now() + 10 * MINUTE).toISOString());
      const { sessions } = world.instance;
      expect((await sessions.list(user.id)).map(({ projectId }) => projectId)).toEqual([id]);
      world.clock.advance(10 * MINUTE);
      expect(codeOf(await verify(token))).toBe('session_expired');
      expect(await sessions.list(user.id)).toEqual([]);
    });

    it('lets a thousand requests show one token at once [FX-64]', async () => {
      const { token, session } = await flux.signUp();
      const replies = await Promise.all(Array.from({ length: 1_000 }, () => flux.verify(token)));
      expect(replies.filter(({ status }) => status !== 200)).toEqual([]);
      const all = replies.map(handed);
      expect(new Set(all.map((each) => each.token)).size).toBe(1_000);
      expect(new Set(all.map((each) => each.session.id))).toEqual(new Set([session.id]));
    });

    it('takes the token raw, without the scheme word [FX-38]', async () => {
      const { token } = await flux.signUp();
      expect(codeOf(await flux.verify(`Bearer ${token}`))).toBe('invalid_session');
    });
  });

  describe('getting a session', () => {
    it('tells the session and renews nothing [FX-36, FX-48, FX-51]', async () => {
      const { token, session } = await flux.signUp();
      const reply = await flux.app('/sessions/get', { token });
      expect(reply.status).toBe(200);
      expect(reply.json).toEqual({ session });
      expect(session).toEqual({
        id: expect.stringMatching(/^sess_[0-9a-f]{32}$/),
        user_id: claimsOf(token)['sub'],
        mfa_verified: false,
        mfa_required: false,
        authentication_method: 'password',
        created_at: new Date(world.clock.now()).toISOString(),
        expires_at: new Date(world.clock.now() + WEEK_SECONDS * 1000).toISOString(),
        last_active_at: new Date(world.clock.now()).toISOString(),
      });
    });
  });

  describe('revoking', () => {
    const dead = async (token: string) => codeOf(await flux.verify(token));

    it.each(['token', 'session_id'] as const)(
      'by %s ends older and newer tokens of the session at once, and no other session [FX-23, FX-65, FX-68]',
      async (by) => {
        const email = newEmail();
        const first = await flux.signUp(email);
        const second = await flux.signIn(email);
        const renewed = handed(await flux.verify(first.token));
        const body = by === 'token' ? { token: first.token } : { session_id: first.session.id };
        const reply = await flux.app('/sessions/revoke', body);
        expect([reply.status, reply.json]).toEqual([200, {}]);
        expect([await dead(first.token), await dead(renewed.token)]).toEqual([
          'session_revoked',
          'session_revoked',
        ]);
        expect(codeOf(await flux.app('/sessions/get', { token: first.token }))).toBe('session_revoked');
        expect((await flux.verify(second.token)).status).toBe(200);
      },
    );

    it('again, or of what has expired, is no mistake [FX-67]', async () => {
      const { token, session } = await flux.signUp();
      for (let time = 0; time < 3; time++)
        expect((await flux.app('/sessions/revoke', { token })).status).toBe(200);
      expect((await flux.app('/sessions/revoke', { session_id: session.id })).status).toBe(200);
      expect((await flux.app('/sessions/revoke', { session_id: 'sess_none' })).status).toBe(200);
      const old = await flux.signUp();
      world.clock.advance(8 * DAY);
      expect(await dead(old.token)).toBe('session_expired');
      expect((await flux.app('/sessions/revoke', { token: old.token })).status).toBe(200);
    });

    it.each(['token', 'session_id'] as const)(
      'by %s of one that has run out holds when the project lets sessions live longer [FX-62, FX-65, FX-67]',
      async (by) => {
        const short = await createFluxProject(world, { settings: { session: { idle_seconds: 300 } } });
        const [ended, other] = [await short.signUp(), await short.signUp()];
        world.clock.advance(10 * MINUTE);
        const body = by === 'token' ? { token: ended.token } : { session_id: ended.session.id };
        expect((await short.app('/sessions/revoke', body)).status).toBe(200);
        await short.change({ session: { idle_seconds: null } });
        expect((await short.verify(other.token)).status).toBe(200);
        expect(codeOf(await short.verify(ended.token))).toBe('session_revoked');
      },
    );

    it('by session id ends none that was not made at this API', async () => {
      const { user } = await flux.signUp();
      const { storage, sessions } = world.instance;
      const { id } = await storage.transaction((tx) =>
        sessions.issue(tx, { projectId: flux.id, userId: user.id, surface: 'pages', origin: ORIGIN }),
      );
      expect((await flux.app('/sessions/revoke', { session_id: id })).status).toBe(200);
      expect((await sessions.list(user.id)).map((session) => session.id)).toContain(id);
    });

    it('asks for one of token and session id', async () => {
      const { token, session } = await flux.signUp();
      for (const body of [{}, { token, session_id: session.id }, { token: 7 }, [], 'x'])
        expect(codeOf(await flux.app('/sessions/revoke', body))).toBe('invalid_request');
      expect(codeOf(await flux.app('/sessions/revoke', { token: 'nonsense' }))).toBe('invalid_session');
      expect((await flux.verify(token)).status).toBe(200);
    });

    it('from a browser signs out with the publishable key [FX-23]', async () => {
      const { token } = await flux.signUp();
      expect((await flux.page('/sign_out', { token })).status).toBe(200);
      expect(await dead(token)).toBe('session_revoked');
    });

    it('all of a user ends every device; a new sign-in works [FX-66]', async () => {
      const email = newEmail();
      const devices = [await flux.signUp(email), await flux.signIn(email), await flux.signIn(email)];
      const stranger = await flux.signUp();
      const { id } = (devices[0] as FluxHanded).user;
      const reply = await flux.app(`/users/${id}/sessions/revoke`);
      expect([reply.status, reply.json]).toEqual([200, { revoked: 3 }]);
      for (const { token } of devices) expect(await dead(token)).toBe('session_revoked');
      expect((await flux.verify(stranger.token)).status).toBe(200);
      expect((await flux.verify((await flux.signIn(email)).token)).status).toBe(200);
      expect((await flux.app(`/users/${id}/sessions/revoke`)).json).toEqual({ revoked: 1 });
    });

    it('of nobody, or of another project’s user, is not found and ends nothing [FX-05]', async () => {
      const { user, token } = await flux.signUp();
      for (const [id, project] of [
        [user.id, other],
        ['1', flux],
        ['x', flux],
        [`0${user.id}`, flux],
        ['../../users', flux],
      ] as const)
        expect(codeOf(await project.app(`/users/${encodeURIComponent(id)}/sessions/revoke`))).toBe(
          'not_found',
        );
      expect((await flux.verify(token)).status).toBe(200);
    });

    it('happens with suspension and deletion too, and does not come back [bug 30, bug 31, bug 33]', async () => {
      const email = newEmail();
      const { user, token } = await flux.signUp(email);
      const { users, departures } = world.instance;
      await users.suspend({ projectId: flux.id, id: user.id, reason: null, actor: ACTOR });
      expect(await dead(token)).toBe('session_revoked');
      expect(codeOf(await flux.page('/sign_in/password', { email, password: PASSWORD }))).toBe(
        'account_suspended',
      );
      await users.restore({ projectId: flux.id, id: user.id, actor: ACTOR });
      expect(await dead(token)).toBe('session_revoked');
      const again = await flux.signIn(email);
      await departures.remove({ projectId: flux.id, userId: user.id, actor: ACTOR });
      expect(await dead(again.token)).toBe('session_revoked');
    });
  });

  describe('another project', () => {
    it('sees nothing: no token, no session [FX-05, FX-37, E06]', async () => {
      const { token, session } = await flux.signUp();
      expect(codeOf(await other.verify(token))).toBe('invalid_session');
      expect(codeOf(await other.app('/sessions/get', { token }))).toBe('invalid_session');
      expect(codeOf(await other.app('/sessions/revoke', { token }))).toBe('invalid_session');
      expect((await other.app('/sessions/revoke', { session_id: session.id })).status).toBe(200);
      expect((await flux.verify(token)).status).toBe(200);
    });

    it('has users of its own under the same address [FX-05, FX-11]', async () => {
      const email = newEmail();
      const [one, two] = [await flux.signUp(email), await other.signUp(email)];
      expect(one.user.id).not.toBe(two.user.id);
      await flux.app(`/users/${one.user.id}/sessions/revoke`);
      expect((await other.verify(two.token)).status).toBe(200);
    });
  });
});
