import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  anyCallbackOf,
  createGithubServer,
  createSocialKit,
  createWorld,
  DIALECTS,
  type GithubServer,
  githubber,
  newEmail,
  socialBrowser,
  until,
  type World,
} from '../../testing/index.ts';

const TOKEN = '/login/oauth/access_token';
const USER = '/api/v3/user';
const EMAILS = '/api/v3/user/emails';

type Say = (response: ServerResponse) => void;
const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Say =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
const LIMIT = { message: 'You have exceeded a secondary rate limit.' };

const FAILS: Record<string, [string, Say]> = {
  'refuses the code by 200': [TOKEN, json({ error: 'bad_verification_code' })],
  'gives no token': [TOKEN, json({ token_type: 'bearer' })],
  'gives a token of another kind': [TOKEN, json({ access_token: 'x', token_type: 'mac' })],
  'says no JSON': [TOKEN, (response) => response.writeHead(200).end('access_token=x&token_type=bearer')],
  'knows no such token': [USER, json({ message: 'Bad credentials' }, 401)],
  'has a user without a number': [USER, json({ login: 'ada' })],
  'has a user whose number is a text': [USER, json({ id: '7', login: 'ada' })],
  'has a user zero': [USER, json({ id: 0, login: 'ada' })],
  'has half a user': [USER, json({ id: 1.5, login: 'ada' })],
  'has a user whose number cannot be kept': [USER, json({ id: 2 ** 60, login: 'ada' })],
  'has a list of users': [USER, json([{ id: 7 }])],
  'has nobody': [USER, json(null)],
  'says no JSON of the user': [USER, (response) => response.writeHead(200).end('<html>')],
  'says no JSON of the addresses': [EMAILS, (response) => response.writeHead(200).end('{')],
};
const AWAY: Record<string, [string, Say]> = {
  'is broken': [TOKEN, json({}, 502)],
  'is broken at its API': [USER, json({}, 500)],
  'is broken for addresses alone': [EMAILS, json({}, 503)],
  'has had enough': [USER, json({}, 429)],
  'has had enough of codes': [TOKEN, json({}, 429)],
  'forbids codes for a while': [TOKEN, json({}, 403, { 'retry-after': '60' })],
  'forbids everything for a while': [USER, json({}, 403, { 'retry-after': '60' })],
  'forbids everything until the hour is over': [USER, json({}, 403, { 'x-ratelimit-remaining': '0' })],
  'has had enough for addresses alone': [EMAILS, json({}, 429)],
  'forbids the addresses for a while': [EMAILS, json({}, 403, { 'retry-after': '60' })],
  'forbids the addresses until the hour is over': [EMAILS, json({}, 403, { 'x-ratelimit-remaining': '0' })],
  'forbids the addresses in words alone': [EMAILS, json(LIMIT, 403)],
  'knows no such token for the addresses': [EMAILS, json({ message: 'Bad credentials' }, 401)],
  'does not understand the question for them': [EMAILS, json({}, 422)],
  'redirects its API': [
    USER,
    (response) => response.writeHead(301, { location: 'https://evil.example/' }).end(),
  ],
  'hangs up': [EMAILS, (response) => response.destroy()],
  'says too much': [USER, (response) => response.writeHead(200).end(`{"id":7,"x":"${'y'.repeat(300_000)}"}`)],
};
const NO_ADDRESS: Record<string, Say> = {
  'does not tell the addresses': json({ message: 'Not Found' }, 404),
  'says that it may not tell them': json({ message: 'Forbidden' }, 403),
  'says so with requests left': json({ message: 'Resource not accessible by integration' }, 403, {
    'x-ratelimit-remaining': '4999',
  }),
  'has none': json([]),
  'has no primary one': json([{ email: newEmail(), primary: false, verified: true }]),
  'has a primary one in a text': json([{ email: newEmail(), primary: 'true', verified: true }]),
  'has no list': json({ email: newEmail(), primary: true, verified: true }),
  'has a number': json([{ email: 7, primary: true, verified: true }]),
};

describe.each(DIALECTS)('a GitHub that cannot be believed, on %s', (dialect) => {
  let world: World;
  let github: GithubServer;
  let kit: Awaited<ReturnType<typeof createSocialKit>>;
  beforeAll(async () => {
    github = await createGithubServer({
      isCallback: anyCallbackOf(() => world, 'github'),
    });
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
  });
  beforeEach(async () => {
    github.play(null);
    kit = await createSocialKit(world, { github: { settings: github.credentials } });
  });
  afterAll(async () => {
    await world.close();
    await github.close();
  });

  const through = async (person = githubber(newEmail())) =>
    (await kit.through('github', (url) => github.visit(url, person))).query;
  const playing = ([path, say]: [string, Say]) =>
    github.play((asked, response) => {
      if (asked !== path) return false;
      say(response);
      return true;
    });

  it.each(Object.keys(FAILS))('signs nobody in when it %s', async (name) => {
    playing(FAILS[name] ?? ['', json({})]);
    expect(await through()).toEqual({ error: 'sign_in_failed', state: expect.any(String) });
    expect(await kit.usersNow()).toEqual([]);
  });

  it.each(Object.keys(AWAY))('is away when it %s [G08, L05]', async (name) => {
    playing(AWAY[name] ?? ['', json({})]);
    expect(await through()).toMatchObject({ error: 'provider_unavailable' });
    expect(await kit.usersNow()).toEqual([]);
    expect(await kit.identities().execute()).toEqual([]);
  });

  it.each(Object.keys(NO_ADDRESS))('knows no address when it %s', async (name) => {
    playing([EMAILS, NO_ADDRESS[name] ?? json([])]);
    const { user } = await kit.signIn('github', (url) => github.visit(url, githubber(newEmail())));
    expect(user.email).toBeNull();
  });

  it('verifies no address by a text [G05, bug 41]', async () => {
    const email = newEmail();
    playing([EMAILS, json([{ email, primary: true, verified: 'true' }])]);
    const { user } = await kit.signIn('github', (url) => github.visit(url, githubber(newEmail())));
    expect(user).toMatchObject({ email, email_verified: false });
  });

  it('signs nobody in with another secret, and tells nobody but the log', async () => {
    await kit.set('github', { ...github.credentials, client_secret: 'a-wrong-secret' });
    expect(await through()).toMatchObject({ error: 'sign_in_failed' });
    const log = world.logLines.join('');
    expect(log).toContain('An answer of github was not believed');
    for (const secret of ['a-wrong-secret', github.credentials.client_secret, 'gho_'])
      expect(log).not.toContain(secret);
  });
});

describe('two nodes', () => {
  it('are one server to a browser on its way, and to a switch that is thrown [FX-06]', async () => {
    const github = await createGithubServer({
      isCallback: anyCallbackOf(() => world, 'github'),
    });
    const world = await createWorld({ dialect: 'postgres' });
    const { databaseUrl, dataDir, clock } = world;
    const other = await createWorld({
      dialect: 'postgres',
      ...{ clock, database: { databaseUrl, dataDir }, env: { FLUXGATE_PUBLIC_URL: world.baseUrl } },
    });
    const kit = await createSocialKit(world, { github: { settings: github.credentials } });
    const browser = socialBrowser(world, kit.flux);
    const begun = await browser.begin('github');
    const elsewhere = socialBrowser(other, kit.flux);
    elsewhere.cookie = browser.cookie;
    const back = await elsewhere.comeBack('github', github.visit(begun.url, githubber(newEmail())));
    const code = new URL(back.headers.get('location') ?? '').searchParams.get('code');
    const reply = await kit.flux.app('/sessions/exchange', { code, code_verifier: begun.verifier });
    expect(reply.status).toBe(200);
    await kit.set('github', { ...github.credentials, client_id: 'changed-here' });
    const leadsTo = (part: string) => until(async () => (await elsewhere.begin('github')).url.includes(part));
    await leadsTo('client_id=changed-here');
    await kit.flux.change({ methods: { github: false } });
    await leadsTo('error=method_disabled');
    await other.close();
    await world.close();
    await github.close();
  });
});
