import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  handed,
  type World,
} from '../../testing/index.ts';

const BACK = 'https://app.example.com/back';
const MINUTE = 60_000;

function newVerifier(): { verifier: string; codeChallenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, codeChallenge: createHash('sha256').update(verifier).digest('base64url') };
}

describe.each(DIALECTS)('exchanging a code for a session on %s', (dialect) => {
  let world: World;
  let flux: FluxProject;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    flux = await createFluxProject(world);
  });
  afterAll(() => world.close());

  async function begun(from: FluxProject = flux) {
    const { user, session } = await from.signUp();
    const { verifier, codeChallenge } = newVerifier();
    const code = await world.instance.returnCodes.issue({
      projectId: from.id,
      sessionId: session.id,
      redirectUrl: BACK,
      codeChallenge,
    });
    return { user, session, code, verifier };
  }

  it('gives the one session it stands for, to the app’s page or its server', async () => {
    for (const ask of [flux.page, flux.app]) {
      const { user, session, code, verifier } = await begun();
      const reply = await ask('/sessions/exchange', { code, code_verifier: verifier, redirect_url: BACK });
      const given = handed(reply);
      expect(given.user).toEqual(user);
      expect(given.session.id).toBe(session.id);
      expect(handed(await flux.verify(given.token)).session.id).toBe(session.id);
      expect(reply.headers.get('cache-control')).toBe('no-store');
      const again = await ask('/sessions/exchange', { code, code_verifier: verifier });
      expect([again.status, codeOf(again)]).toEqual([401, 'invalid_link']);
    }
  });

  it('has one winner among fifty at once [B02]', async () => {
    const { code, verifier } = await begun();
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => flux.page('/sessions/exchange', { code, code_verifier: verifier })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  it('is over after a wrong verifier or another address, and after a minute [G03]', async () => {
    for (const wrong of [{ code_verifier: newVerifier().verifier }, { redirect_url: `${BACK}/` }]) {
      const { code, verifier } = await begun();
      const first = await flux.page('/sessions/exchange', { code, code_verifier: verifier, ...wrong });
      const second = await flux.page('/sessions/exchange', { code, code_verifier: verifier });
      expect([codeOf(first), codeOf(second)]).toEqual(['invalid_link', 'invalid_link']);
    }
    const { code, verifier } = await begun();
    world.clock.advance(MINUTE);
    expect(codeOf(await flux.page('/sessions/exchange', { code, code_verifier: verifier }))).toBe(
      'invalid_link',
    );
  });

  it('is nothing to another project’s key, and is not spent by it [FX-05]', async () => {
    const other = await createFluxProject(world);
    const { code, verifier } = await begun();
    const body = { code, code_verifier: verifier };
    for (const ask of [other.page, other.app])
      expect(codeOf(await ask('/sessions/exchange', body))).toBe('invalid_link');
    expect((await flux.page('/sessions/exchange', body)).status).toBe(200);
  });

  it('opens no session that has been ended meanwhile', async () => {
    const { user, code, verifier } = await begun();
    await flux.app(`/users/${user.id}/sessions/revoke`);
    expect(codeOf(await flux.page('/sessions/exchange', { code, code_verifier: verifier }))).toBe(
      'invalid_link',
    );
  });

  it.each([
    {},
    { code: 'x' },
    { code: '', code_verifier: 'v'.repeat(43) },
    { code: 'x'.repeat(201), code_verifier: 'v'.repeat(43) },
    { code: 'x', code_verifier: 'v'.repeat(42) },
    { code: 'x', code_verifier: 'v'.repeat(129) },
    { code: 'x', code_verifier: `${'v'.repeat(43)}é` },
    { code: 'x', code_verifier: `${'v'.repeat(43)}\u0000` },
    { code: ['x'], code_verifier: 'v'.repeat(43) },
    { code: 'x', code_verifier: 'v'.repeat(43), redirect_url: null },
    '{"code":"a","code":"b","code_verifier":"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"}',
    '[]',
    'null',
  ])('refuses the body %j', async (body) => {
    const reply = await flux.page('/sessions/exchange', body);
    expect([reply.status, codeOf(reply)]).toEqual([400, 'invalid_request']);
  });

  it('keeps no code that is over', async () => {
    await begun();
    world.clock.advance(2 * MINUTE);
    await world.instance.clean();
    expect(await world.instance.storage.db.selectFrom('return_code').selectAll().execute()).toEqual([]);
  });
});
