import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AdminApi,
  Client,
  createAdminKit,
  createFluxProject,
  createNodes,
  DIALECTS,
  type FluxProject,
  type Nodes,
  newEmail,
  PASSWORD,
  type World,
  withinASecond,
} from '../../testing/index.ts';

type Method = 'password' | 'magic_link' | 'passkey' | 'google' | 'github' | 'microsoft';

/** As a project's settings spell it. */
const settingOf = (method: Method) => method.replace('_', '-');
const PROVIDERS = ['google', 'github', 'microsoft'] as const;
const METHODS: readonly Method[] = ['password', 'magic_link', 'passkey', ...PROVIDERS];
const BACK = 'https://app.example.com/back';

/** What a page calls to begin and to end a sign-in by each; nothing of it would let anybody in. */
const CALLS: Record<Exclude<Method, (typeof PROVIDERS)[number]>, [path: string, body: object][]> = {
  password: [
    ['/sign_up', { email: newEmail(), password: PASSWORD }],
    ['/sign_in/password', { email: newEmail(), password: PASSWORD }],
  ],
  magic_link: [
    ['/magic_links', { email: newEmail() }],
    ['/magic_links/verify', { attempt: 'x'.repeat(43), token: 'x'.repeat(43) }],
  ],
  passkey: [
    ['/passkeys/authenticate/start', {}],
    ['/passkeys/authenticate/finish', { response: {} }],
  ],
};

describe.each(DIALECTS)("the switches of Flux's methods on %s", (dialect) => {
  let nodes: Nodes;
  let world: World;
  /** Another node, where the database is for several; no switch is thrown there. */
  let node: World;
  let flux: FluxProject;
  let admin: AdminApi;
  beforeAll(async () => {
    nodes = await createNodes(dialect, { FLUXGATE_RATE_LIMITS: 'off' });
    ({ first: world, second: node } = nodes);
    flux = await createFluxProject(world, { settings: { redirect_urls: [BACK] } });
    const kit = await createAdminKit(world);
    admin = await kit.script({ admin: [{ section: 'auth-projects', action: '*' }] });
    const providers = Object.fromEntries(
      PROVIDERS.map((id) => [id, { client_id: `client-of-${id}`, client_secret: 'a secret of the app' }]),
    );
    const methods = Object.fromEntries(METHODS.map((method) => [settingOf(method), true]));
    const made = await admin('PATCH', `/flux/projects/${flux.id}`, { settings: { methods }, providers });
    expect([made.status, made.text]).toEqual([200, expect.any(String)]);
  });
  afterAll(() => nodes.close());

  const shown = async (at: World, app = flux): Promise<Record<Method, boolean>> =>
    (
      (await at.direct.get('/flux/v1/settings', app.asPage)).json as {
        methods: Record<Method, boolean>;
      }
    ).methods;

  /** Whether the method's calls are refused for the switch; they must agree. */
  async function isRefused(at: World, method: Method, app = flux): Promise<boolean> {
    const answers: boolean[] = [];
    if (method === 'password' || method === 'magic_link' || method === 'passkey')
      for (const [path, body] of CALLS[method])
        answers.push((await app.page(path, body, new Client(at.baseUrl))).text.includes('"method_disabled"'));
    else {
      const query = new URLSearchParams({
        key: app.keys.publishable.plain,
        redirect_url: BACK,
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        state: 'mine',
      });
      const reply = await at.client().get(`/flux/v1/oauth/${method}/start?${query.toString()}`);
      answers.push(`${reply.headers.get('location')} ${reply.text}`.includes('method_disabled'));
    }
    expect(new Set(answers).size, method).toBe(1);
    return answers[0] ?? false;
  }

  it.each(METHODS)(
    'turn %s alone off and on, for start and finish, on every node without a restart [FX-03, FX-04, FX-06]',
    async (method) => {
      const users = () => world.instance.storage.db.selectFrom('user').select('id').execute();
      const other = await createFluxProject(world, {
        settings: { methods: { password: true, 'magic-link': true, passkey: true } },
      });
      const set = async (isOn: boolean) => {
        const settings = { methods: { [settingOf(method)]: isOn } };
        expect((await admin('PATCH', `/flux/projects/${flux.id}`, { settings })).status).toBe(200);
        await withinASecond(async () => (await shown(node))[method] === isOn);
      };
      const before = await shown(world);
      expect(before[method]).toBe(true);
      await set(false);
      const sum = (await users()).length;
      for (const at of [world, node]) {
        expect(await shown(at)).toEqual({ ...before, [method]: false });
        expect(await isRefused(at, method)).toBe(true);
      }
      expect(await users()).toHaveLength(sum);
      // All other methods, and the same one of another project, go on.
      for (const each of METHODS.filter((one) => one !== method))
        expect(await isRefused(node, each), each).toBe(false);
      if (method in CALLS) expect(await isRefused(world, method, other)).toBe(false);
      await set(true);
      for (const at of [world, node]) expect(await isRefused(at, method)).toBe(false);
    },
  );
});
