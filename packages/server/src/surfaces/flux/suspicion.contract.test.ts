import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  PASSWORD,
  type Reply,
  type World,
} from '../../testing/index.ts';
import { APP_URL, ledTo, visitProject } from '../../testing/project-visit.ts';

const ACTOR = { userId: null, sessionId: null, origin: null };

describe.each(DIALECTS)("an account under suspicion at Flux's doors on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world, {
      settings: { redirect_urls: [APP_URL], methods: { 'magic-link': true } },
    });
  });
  afterAll(() => world.close());

  const suspect = (
    id: string,
    flags: readonly ['REQUIRE_REVERIFIED_EMAIL'] | readonly [] | readonly ['REQUIRE_VERIFIED_PHONE'],
  ) => world.instance.users.suspect({ projectId: flux.id, id, flags, actor: ACTOR });
  const refusal = (reply: Reply) => [reply.status, codeOf(reply)];
  const FORBIDDEN = [403, 'forbidden'];

  it('is handed no token, by whatever way it comes in, and keeps what it has until it is settled [FX-22, bug 33]', async () => {
    const { user, session, token } = await flux.signUp();
    const { email, id } = user;
    const verifier = randomBytes(32).toString('base64url');
    const asked = { code_verifier: verifier, redirect_url: APP_URL };
    const codeChallenge = createHash('sha256').update(verifier).digest('base64url');
    const code = await world.instance.returnCodes.issue({
      ...{ projectId: flux.id, sessionId: session.id, redirectUrl: APP_URL, codeChallenge },
    });
    await suspect(id, ['REQUIRE_VERIFIED_PHONE']);

    for (const ask of [flux.page, flux.app])
      expect(codeOf(await ask('/sessions/exchange', { ...asked, code: 'unknown' }))).toBe('invalid_link');
    const answers = [
      await flux.verify(token),
      await flux.app('/sessions/get', { token }),
      await flux.app('/sessions/exchange', { ...asked, code }),
      await flux.page('/sign_in/password', { email, password: PASSWORD }),
    ];
    for (const reply of answers) {
      expect(refusal(reply)).toEqual(FORBIDDEN);
      expect(reply.text).not.toMatch(/eyJ|sess_/);
    }
    // The password is looked at first: nobody learns from a wrong one what the account is under.
    const wrong = await flux.page('/sign_in/password', { email, password: `${PASSWORD}x` });
    expect(refusal(wrong)).toEqual([401, 'invalid_credentials']);

    await suspect(id, []);
    expect(handed(await flux.verify(token)).user.id).toBe(id);
    expect((await flux.signIn(email)).user.id).toBe(id);
  });

  it('is let in by the proof that settles it', async () => {
    const { user } = await flux.signUp();
    await suspect(user.id, ['REQUIRE_REVERIFIED_EMAIL']);
    const { attempt } = (await flux.page('/magic_links', { email: user.email })).json as { attempt: string };
    const { token } = await world.newestMail(user.email, 'magic_link');
    expect(handed(await flux.page('/magic_links/verify', { attempt, token })).user.email).toBe(user.email);
  });

  it('is told so on the hosted pages, and led back nowhere', async () => {
    const { user } = await flux.signUp();
    await suspect(user.id, ['REQUIRE_VERIFIED_PHONE']);
    const visit = visitProject(world, flux);
    await visit.open('sign-in');
    const held = await visit.send('sign-in', { email: user.email, password: PASSWORD });
    expect(held.status).toBe(400);
    expect(held.headers.get('location')).toBeNull();
    expect(held.text).toContain('looks odd');
    await suspect(user.id, []);
    const led = await visit.send('sign-in', { email: user.email, password: PASSWORD });
    expect(ledTo(led).searchParams.get('code')).toBeTruthy();
  });
});
