import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  newEmail,
  PASSWORD,
  PassingClock,
  until,
  type World,
  withinASecond,
} from '../../server/src/testing/index.ts';
import Flux from './index.ts';
import { FluxServer } from './server-client.ts';
import { countingPlatform } from './testing/index.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };
const outcome = (asked: Promise<unknown>) =>
  asked.then(
    () => 'yes',
    ({ code }) => code as string,
  );

/** The SDK and the real server: what both have promised each other holds. */
describe.each(DIALECTS)('the SDK with the server on %s', (dialect) => {
  let world: World;
  let project: FluxProject;
  let flux: Flux;
  const clients: Flux[] = [];
  const { platform, sent } = countingPlatform();

  function clientOf(of: FluxProject, options: object = {}): Flux {
    const { secret, publishable } = of.keys;
    const client: Flux = new FluxServer(platform, secret.plain, {
      ...{ baseUrl: world.baseUrl, publishableKey: publishable.plain },
      ...options,
    });
    clients.push(client);
    return client;
  }

  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' }, clock: new PassingClock() });
    project = await createFluxProject(world);
    flux = clientOf(project);
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await world.close();
  });

  const person = () => flux.auth.signUp({ email: newEmail(), password: PASSWORD });
  const quick = (token: string, client = flux) => client.auth.verifySession(token, { renew: false });
  /** Whether the next answer comes of what is kept. */
  const isLocal = async (token: string) => {
    const before = sent();
    await quick(token);
    return sent() === before;
  };

  it('signs up, in, verifies and brings a renewed token of the same session [FX-10, FX-12, FX-35, FX-63]', async () => {
    const email = newEmail();
    const signedUp = await flux.auth.signUp({ email, password: PASSWORD });
    const { sessionToken } = await flux.auth.signInWithPassword({ email, password: PASSWORD });
    const user = await flux.auth.verifySession(sessionToken);
    expect(user).toMatchObject({ id: signedUp.id, email, emailVerified: false });
    expect(user.sessionToken).not.toBe(sessionToken);
    expect(user.session).toMatchObject({
      userId: user.id,
      mfaVerified: false,
      authenticationMethod: 'password',
    });
    expect((await flux.auth.verifySession(user.sessionToken)).session.id).toBe(user.session.id);
    expect(signedUp.session.id).not.toBe(user.session.id);
    const wrong = flux.auth.signInWithPassword({ email, password: 'wrong horse battery' });
    expect(await outcome(wrong)).toBe('invalid_credentials');
    expect(await outcome(flux.auth.signUp({ email, password: PASSWORD }))).toBe('already_exists');
    expect(await outcome(flux.auth.signUp({ email: newEmail(), password: 'short' }))).toBe('weak_password');
  });

  it('tells of the session, and of what is owed [FX-36]', async () => {
    const { sessionToken } = await person();
    expect(await flux.auth.getSession(sessionToken)).toMatchObject({
      mfaVerified: false,
      mfa_verified: false,
      mfaRequired: false,
    });
    const strict = await createFluxProject(world, { settings: { mfa: { required: true } } });
    const user = await clientOf(strict).auth.signUp({ email: newEmail(), password: PASSWORD });
    expect(user.session).toMatchObject({ mfaVerified: false, mfaRequired: true });
  });

  it('tells the cases of refusal apart [FX-02, FX-05, FX-37, FX-69]', async () => {
    const { sessionToken, id } = await person();
    const other = clientOf(await createFluxProject(world));
    expect(await outcome(other.auth.verifySession(sessionToken))).toBe('invalid_session');
    expect(await outcome(other.auth.revokeSession(sessionToken))).toBe('invalid_session');
    expect(await outcome(other.auth.revokeAllSessions(id))).toBe('not_found');
    expect(await outcome(flux.auth.verifySession(`${sessionToken.slice(0, -8)}AAAAAAAA`))).toBe(
      'invalid_session',
    );
    const stranger = Flux.init('flux_sk_none', { baseUrl: world.baseUrl });
    expect(await outcome(stranger.auth.verifySession(sessionToken))).toBe('invalid_api_key');
    await flux.auth.revokeSession(sessionToken);
    expect(await outcome(flux.auth.verifySession(sessionToken))).toBe('session_revoked');
    stranger.close();
  });

  it('answers without the network while the stream is fresh, and hears of all that matters [FX-65, FX-66, FX-68]', async () => {
    const user = await person();
    const { sessionToken: token } = user;
    const elsewhere = clientOf(project);
    await until(() => isLocal(token));
    // All of them; a machine that stalls makes the stream stale, and the SDK asks then.
    await until(async () => {
      const before = sent();
      for (let n = 0; n < 500; n++) expect((await quick(token)).id).toBe(user.id);
      return sent() === before;
    });

    const { sessionToken: second } = await flux.auth.signInWithPassword({
      email: user.email ?? '',
      password: PASSWORD,
    });
    await elsewhere.auth.revokeSession(token);
    await elsewhere.auth.revokeSession(token);
    await withinASecond(async () => (await outcome(quick(token))) === 'session_revoked');
    expect(await outcome(quick(second))).toBe('yes');
    expect(await elsewhere.auth.revokeAllSessions(user.id)).toEqual({ revoked: 1 });
    await withinASecond(async () => (await outcome(quick(second))) === 'session_revoked');
    const again = await flux.auth.signInWithPassword({ email: user.email ?? '', password: PASSWORD });
    expect(await outcome(quick(again.sessionToken))).toBe('yes');
  });

  it('refuses in a second who was suspended', async () => {
    const { sessionToken: token, id } = await person();
    await until(() => isLocal(token));
    await world.instance.users.suspend({ projectId: project.id, id, reason: null, actor: ACTOR });
    await withinASecond(async () => (await outcome(quick(token))) !== 'yes');
  });

  it('holds to a life that the project has shortened', async () => {
    const { sessionToken: token } = await person();
    world.clock.advance(10_000);
    const changing = await createFluxProject(world, { settings: { session: { ttl_seconds: 3_600 } } });
    const client = clientOf(changing);
    const user = await client.auth.signUp({ email: newEmail(), password: PASSWORD });
    expect(await outcome(quick(user.sessionToken, client))).toBe('yes');
    world.clock.advance(301_000);
    await changing.change({ session: { ttl_seconds: 300 } });
    await withinASecond(async () => (await outcome(quick(user.sessionToken, client))) === 'session_expired');
    expect(await outcome(quick(token))).toBe('yes');
  });

  it('succeeds for a thousand at once with one token [FX-64]', async () => {
    const { sessionToken } = await person();
    // Both halves of a thousand requests are this process's work.
    const patient = clientOf(project, { timeoutMs: 60_000 });
    const all = await Promise.all(
      Array.from({ length: 1_000 }, () => outcome(patient.auth.verifySession(sessionToken))),
    );
    expect(all.filter((one) => one !== 'yes')).toEqual([]);
  });

  it('fails no verification while keys are rotated [FX-70]', async () => {
    let { sessionToken: token } = await person();
    const failed: string[] = [];
    let isOver = false;
    const load = Array.from({ length: 8 }, async () => {
      for (let n = 0; !isOver; n++) {
        try {
          const user = await flux.auth.verifySession(token, n % 2 ? {} : { renew: false });
          token = user.sessionToken;
        } catch (error) {
          failed.push(String(error));
        }
      }
    });
    for (let round = 0; round < 3; round++) {
      await world.instance.signingKeys.rotate(ACTOR);
      world.clock.advance(11 * 60_000);
      await new Promise((done) => setTimeout(done, 300));
    }
    isOver = true;
    await Promise.all(load);
    expect(failed).toEqual([]);
  });
});
