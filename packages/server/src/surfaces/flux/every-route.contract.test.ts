import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createFluxProject,
  createWorld,
  DIALECTS,
  type FluxProject,
  type Reply,
  type World,
} from '../../testing/index.ts';

type Headers = Record<string, string>;

interface Route {
  method: string;
  path: string;
  /** The ways to be let in: names of keys, each with what goes beside it. */
  security: Record<string, unknown>[];
  /** The names of what its body may have. */
  fields: string[];
}

interface Operation {
  security?: Route['security'];
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> };
}

const DAY = 86_400_000;
const SESSION = 'x-flux-session';
/** Taken for nothing by any field of any body. */
const NONSENSE = [
  7,
  null,
  true,
  [],
  {},
  '',
  '\0',
  'a\0b',
  '\ud800',
  'x'.repeat(40_000),
  '../../x',
  "' or 1=1 --",
];
const BODIES = [
  '',
  '{',
  '[]',
  'null',
  '"x"',
  '7',
  '{"a":1,"a":2}',
  '{"__proto__":{"a":1}}',
  `${'['.repeat(9_000)}`,
];

/** Held against what the API says of itself, so that a route that comes is held, too. */
describe.each(DIALECTS)("every route of Flux's API on %s", (dialect) => {
  let world: World;
  let flux: FluxProject;
  let other: FluxProject;
  let routes: Route[];
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    const settings = { methods: { passkey: true, 'magic-link': true } };
    flux = await createFluxProject(world, { settings });
    other = await createFluxProject(world, { settings });
    routes = routesIn((await world.direct.get('/openapi.json')).json);
  });
  afterAll(() => world.close());

  const send = ({ method, path }: Route, headers: Headers, body?: unknown): Promise<Reply> =>
    world.client().send(path.replace(/\{\w+\}/g, '1'), {
      ...{ method, headers },
      ...(body !== undefined && method !== 'GET' && { body }),
    });
  const codeOf = ({ status, json }: Reply): string =>
    `${status} ${(json as { error?: { code: string } } | undefined)?.error?.code}`;
  const isForSession = ({ security }: Route) => security.some((keys) => 'fluxSession' in keys);
  const takes = (key: 'fluxSecretKey' | 'fluxPublishableKey') => (route: Route) =>
    route.security.some((keys) => key in keys);
  /** What lets in, but for the session. */
  const keyFor = (route: Route, project: FluxProject): Headers =>
    takes('fluxSecretKey')(route) ? project.asApp : project.asPage;

  it('says which key it takes', () => {
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.filter(isForSession).length).toBeGreaterThan(6);
  });

  it('lets nobody in without a key, by a key of another kind, or by one that was revoked [FX-01, FX-02]', async () => {
    const { projectKeys } = world.instance;
    const actor = { userId: null, sessionId: null, origin: null };
    const gone = await createFluxProject(world);
    for (const { key } of Object.values(gone.keys))
      await projectKeys.revoke({ projectId: gone.id, id: key.id, actor });
    for (const route of routes) {
      const wrong: Headers[] = [{}, gone.asApp, gone.asPage, { authorization: 'Bearer x' }];
      if (!takes('fluxSecretKey')(route)) wrong.push(flux.asApp);
      if (!takes('fluxPublishableKey')(route)) wrong.push(flux.asPage);
      for (const headers of wrong)
        expect(codeOf(await send(route, headers, {})), `${route.method} ${route.path}`).toBe(
          '401 invalid_api_key',
        );
    }
  });

  it('acts for nobody but by a live session of its own project [FX-05, FX-37, FX-65, FX-69]', async () => {
    const mine = await flux.signUp();
    const revoked = await flux.signUp();
    await flux.app('/sessions/revoke', { token: revoked.token });
    const stranger = await other.signUp();
    const [head, , signature] = mine.token.split('.');
    const claims = Buffer.from(JSON.stringify({ sub: '1' })).toString('base64url');
    const refused = [
      ['', '401 invalid_session'],
      ['nonsense', '401 invalid_session'],
      [`Bearer ${mine.token}`, '401 invalid_session'],
      [`${head}.${claims}.${signature}`, '401 invalid_session'],
      [stranger.token, '401 invalid_session'],
      [revoked.token, '401 session_revoked'],
    ] as const;
    for (const route of routes.filter(isForSession)) {
      const key = keyFor(route, flux);
      expect(codeOf(await send(route, key, {})), route.path).toBe('401 invalid_session');
      for (const [token, answer] of refused)
        expect(codeOf(await send(route, { ...key, [SESSION]: token }, {})), route.path).toBe(answer);
      const foreign = { ...keyFor(route, other), [SESSION]: mine.token };
      expect(codeOf(await send(route, foreign, {})), route.path).toBe('401 invalid_session');
    }
    expect((await flux.verify(mine.token)).status).toBe(200);
  });

  it('acts for no session that is past its time [FX-61, FX-69]', async () => {
    const { token } = await flux.signUp();
    world.clock.advance(7 * DAY);
    for (const route of routes.filter(isForSession)) {
      const reply = await send(route, { ...keyFor(route, flux), [SESSION]: token }, {});
      expect(codeOf(reply), route.path).toBe('401 session_expired');
    }
  });

  it('takes any body for what it is, and none for a mistake of ours [FX-37, L01, M05]', async () => {
    const { token, user } = await flux.signUp();
    for (const route of routes.filter(({ method }) => method !== 'GET')) {
      const headers = { ...keyFor(route, flux), ...(isForSession(route) && { [SESSION]: token }) };
      const bodies: unknown[] = [...BODIES];
      for (const field of route.fields)
        for (const value of NONSENSE)
          bodies.push(Object.fromEntries(route.fields.map((name) => [name, name === field ? value : 'x'])));
      for (const body of bodies) {
        const reply = await send(route, headers, body);
        const what = `${route.method} ${route.path} ${JSON.stringify(body).slice(0, 80)}`;
        expect(reply.status, what).toBeLessThan(500);
        if (reply.status >= 400) expect(codeOf(reply), what).toMatch(/^4\d\d [a-z_]+$/);
      }
    }
    expect(world.logLines.filter((line) => /"level":(50|60)/.test(line))).toEqual([]);
    // None of it has hurt who was signed in.
    expect((await flux.verify(token)).json).toMatchObject({ user: { id: user.id } });
  });
});

function routesIn(document: unknown): Route[] {
  const { paths, components } = document as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, { properties?: object }> };
  };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/flux/v1/'))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { security = [], requestBody }]) => {
        const name = requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? '';
        const fields = Object.keys(components.schemas[name]?.properties ?? {});
        return { method: method.toUpperCase(), path, security, fields };
      }),
    )
    .filter(({ security }) => security.length > 0);
}
