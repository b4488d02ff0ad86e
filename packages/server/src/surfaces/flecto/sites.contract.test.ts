import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createSiteKit,
  createWorld,
  DIALECTS,
  FlectoCaller,
  type Reply,
  until,
  type World,
} from '../../testing/index.ts';

interface List {
  Items: { source: string }[];
  Total: number;
  Limit: number;
  Offset: number;
  Next?: string;
}

function expectRefused(reply: Reply, status: number, message: string): void {
  expect([reply.status, reply.text]).toEqual([status, `${JSON.stringify({ message })}\n`]);
  expect(reply.headers.get('content-type')).toBe('application/json');
}

describe.each(DIALECTS)('what agents are served on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createSiteKit>;
  let token: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    kit = createSiteKit(world);
    const rows = [{ namespace: '*', site: '*', resource: '*', action: '*' }];
    token = (await kit.newToken(rows)).plain;
  });
  afterAll(() => world.close());

  const caller = (path: { namespace: string; site: string }) => new FlectoCaller(world, { ...path, token });

  it('is the version as a bare number, one higher after each publish', async () => {
    const site = await kit.newSite();
    const asker = caller(site);
    const reply = await asker.version();
    expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([
      ...[200, '1\n', 'application/json'],
    ]);
    for (const version of ['2\n', '3\n']) {
      await site.publish();
      expect((await asker.version()).text).toBe(version);
    }
  });

  it('is told from memory as long as nothing changes, without a question to the database', async () => {
    const site = await kit.newSite();
    const asker = caller(site);
    const { db } = world.instance.storage;
    // SQLite's hot statements are run by its adapter.
    const executor = db.getExecutor();
    const adapter = executor.adapter as typeof executor.adapter & { runAtOnce(): unknown };
    const asked = dialect === 'sqlite' ? vi.spyOn(adapter, 'runAtOnce') : vi.spyOn(db, 'executeQuery');
    try {
      // Once the token and the version are known, and on PostgreSQL the channel between the nodes is proven.
      await until(async () => {
        const before = asked.mock.calls.length;
        expect((await asker.version()).text).toBe('1\n');
        return asked.mock.calls.length === before;
      });
      const before = asked.mock.calls.length;
      for (let request = 0; request < 50; request++) expect((await asker.version()).text).toBe('1\n');
      // A machine so busy that a proof comes late asks again, rather than believe what may be old.
      expect(asked.mock.calls.length - before).toBeLessThan(10);
      await site.publish();
      const after = asked.mock.calls.length;
      expect((await asker.version()).text).toBe('2\n');
      expect(asked.mock.calls.length).toBeGreaterThan(after);
    } finally {
      asked.mockRestore();
    }
  });

  it('is of the same version at every node, from the answer of the publish on', async () => {
    const site = await kit.newSite(1);
    const second = await createWorld({ dialect, database: world, clock: world.clock });
    try {
      const asker = caller(site);
      const elsewhere = new FlectoCaller(second, { ...site, token });
      for (let round = 3; round < 23; round++) {
        expect((await elsewhere.version()).status).toBe(200);
        await site.publish();
        expect((await asker.version()).text).toBe(`${round}\n`);
        // The word of it takes its way to the other node, and its cache is good for nothing until then or soon after.
        await until(async () => (await elsewhere.version()).text === `${round}\n`);
      }
      const actor = { userId: null, sessionId: null, origin: null };
      await world.instance.sites.delete({ ...site.path, actor });
      expect((await asker.version()).status).toBe(404);
      await until(async () => (await elsewhere.version()).status === 404);
    } finally {
      await second.close();
    }
  });

  it('is what is published, and never a draft', async () => {
    const site = await kit.newSite(2);
    const asker = caller(site);
    const before = (await asker.list('redirects')).text;
    expect(JSON.parse(before)).toEqual({
      Items: ['/old/0', '/old/1'].map((source) => ({
        ...{ type: 'BASIC', source, target: '/new', status: 'FOUND' },
      })),
      ...{ Total: 2, Limit: 500, Offset: 0 },
    });
    const { contents } = world.instance;
    const at = { ...site.path, actor: { userId: null, sessionId: null, origin: null } };
    const fields = { type: 'BASIC_HOST', address: 'a.example/x', value: 'Hi "you"\n', label: 'XML' };
    await contents.add({ ...at, kind: 'page', fields });
    await contents.change({ ...at, kind: 'redirect', number: 1, fields: { value: '/elsewhere' } });
    await contents.remove({ ...at, kind: 'redirect', number: 2 });
    expect((await asker.list('redirects')).text).toBe(before);
    expect((await asker.list('pages')).json).toEqual({ Items: [], Total: 0, Limit: 500, Offset: 0 });
    expect((await asker.version()).text).toBe('2\n');
    await site.publish();
    expect((await asker.list('redirects')).json).toMatchObject({
      Items: [{ source: '/old/0', target: '/elsewhere' }],
      Total: 1,
    });
    const page = { type: 'BASIC_HOST', path: 'a.example/x', content: 'Hi "you"\n', contentType: 'XML' };
    expect((await asker.list('pages')).json).toMatchObject({ Items: [page], Total: 1 });
  });

  describe('of a project that is not there or no longer, with a right to all,', () => {
    const actor = { userId: null, sessionId: null, origin: null };
    let paths: { namespace: string; site: string }[];
    let cursor: string;
    beforeAll(async () => {
      const gone = await kit.newSite(2);
      expect((await caller(gone).version()).status).toBe(200);
      cursor = ((await caller(gone).list('redirects', '?limit=1')).json as List).Next ?? '';
      await world.instance.sites.delete({ ...gone.path, actor });
      const below = await kit.newSite(1);
      expect((await caller(below).version()).status).toBe(200);
      await world.instance.sites.deleteNamespace({ ...below.path, actor });
      const { namespace, site } = gone;
      paths = [gone, below, { namespace, site: 'never' }, { namespace: 'x', site }];
    });

    it('is an empty list, as long as no list of it is gone on with (A9)', async () => {
      for (const path of paths)
        for (const kind of ['redirects', 'pages'] as const) {
          const reply = await caller(path).list(kind, '?limit=1&offset=1');
          expect([reply.status, reply.json]).toEqual([200, { Items: [], Total: 0, Limit: 1, Offset: 1 }]);
          expectRefused(await caller(path).list(kind, `?cursor=${cursor}`), 400, 'invalid cursor');
        }
    });

    it('is 404 in all else (A16)', async () => {
      for (const path of paths) {
        const { version, agents, hit } = await caller(path).everything();
        for (const reply of [version, agents, hit]) expectRefused(reply, 404, 'record not found');
      }
    });
  });

  describe('250 redirects', () => {
    it('come page by page as the Go client asks, each once (case 27)', async () => {
      const asker = caller(await kit.newSite(250));
      const found: string[] = [];
      let total = 1;
      for (let offset = 0; offset < total; offset += 100) {
        const reply = await asker.list('redirects', `?limit=100&offset=${offset}`);
        const page = reply.json as List;
        expect(reply.text.endsWith('}\n')).toBe(true);
        expect(reply.headers.get('content-type')).toBe('application/json');
        expect(page).toMatchObject({ Total: 250, Limit: 100, Offset: offset });
        expect(page.Next === undefined).toBe(page.Items.length < 100);
        found.push(...page.Items.map(({ source }) => source));
        total = page.Total;
      }
      expect(found).toEqual(Array.from({ length: 250 }, (_, number) => `/old/${number}`));
    });

    it('come by cursor, those that stay each once while others come and go (case 27)', async () => {
      const site = await kit.newSite(250);
      const asker = caller(site);
      const { contents } = world.instance;
      const at = { ...site.path, actor: { userId: null, sessionId: null, origin: null } };
      const found: string[] = [];
      const offsets: number[] = [];
      let next: string | undefined = '';
      while (next !== undefined) {
        const page = (await asker.list('redirects', `?limit=100&offset=7&cursor=${encodeURIComponent(next)}`))
          .json as List;
        // An offset counts only where there is no cursor.
        if (found.length === 0) expect(page.Offset).toBe(7);
        found.push(...page.Items.map(({ source }) => source));
        offsets.push(page.Offset);
        expect(page.Total).toBe(250);
        next = page.Next;
        await contents.remove({ ...at, kind: 'redirect', number: found.length - 5 });
        await site.add(`/late/${found.length}`);
        await site.publish();
      }
      expect(offsets).toEqual([7, 107, 207]);
      const old = found.filter((source) => source.startsWith('/old/'));
      expect(new Set(found).size).toBe(found.length);
      expect(old).toEqual(Array.from({ length: 243 }, (_, number) => `/old/${number + 7}`));
    });

    it('come all at once for limit 0, and 500 at a time for none', async () => {
      const site = await kit.newSite(1);
      for (let number = 0; number < 600; number++) await site.add(`/more/${number}`);
      await site.publish();
      const asker = caller(site);
      const whole = (await asker.list('redirects', '?limit=0')).json as List;
      expect(whole).toMatchObject({ Total: 601, Limit: 0, Offset: 0 });
      expect([whole.Items.length, whole.Next]).toEqual([601, undefined]);
      const usual = (await asker.list('redirects', '?limit=&offset=')).json as List;
      expect(usual).toMatchObject({ Total: 601, Limit: 500, Next: expect.stringMatching(/./) });
      expect(usual.Items).toEqual(whole.Items.slice(0, 500));
      const far = (await asker.list('redirects', '?offset=600')).json as List;
      expect(far.Items).toEqual(whole.Items.slice(600));
      expect((await asker.list('redirects', '?offset=601')).json).toMatchObject({ Items: [], Offset: 601 });
      const full = (await asker.list('redirects', '?limit=1&offset=600')).json as List;
      const after = await asker.list('redirects', `?cursor=${encodeURIComponent(full.Next ?? '')}`);
      expect(after.json).toMatchObject({ Items: [], Offset: 601, Total: 601 });
    });
  });

  it.each([
    ['2147483647', 2_147_483_647],
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
    ['9'.repeat(40), Number.MAX_SAFE_INTEGER],
    ['0000000000000000002', 2],
  ])('takes %s for a number, as whoever means all of them says it', async (text, number) => {
    const asker = caller(await kit.newSite(2));
    const all = await asker.list('redirects', `?limit=${text}`);
    expect(all.json).toMatchObject({ Items: [{ source: '/old/0' }, { source: '/old/1' }], Limit: number });
    const none = await asker.list('redirects', `?offset=${text}`);
    expect(none.json).toEqual({ Items: [], Total: 2, Limit: 500, Offset: number });
  });

  it('streams pages larger than memory should hold, byte for byte', async () => {
    const site = await kit.newSite();
    const { contents } = world.instance;
    const at = { ...site.path, actor: { userId: null, sessionId: null, origin: null } };
    const contentOf = (number: number) => `${number}:${'é"\n'.repeat(60_000)}`;
    for (let number = 0; number < 40; number++) {
      const fields = { type: 'BASIC', address: `/${number}`, value: contentOf(number), label: 'TEXT_PLAIN' };
      await contents.add({ ...at, kind: 'page', fields });
    }
    await site.publish();
    const asker = caller(site);
    for (const query of ['', '?limit=0', '?limit=40']) {
      const { Items } = (await asker.list('pages', query)).json as unknown as {
        Items: { path: string; content: string }[];
      };
      expect(Items.map(({ path }) => path)).toEqual(Array.from({ length: 40 }, (_, at_) => `/${at_}`));
      expect(Items.every(({ content }, number) => content === contentOf(number))).toBe(true);
    }
  });

  it('takes no limit, offset or cursor that it cannot read, nor a cursor of another list (case 27) [bug 71]', async () => {
    const [site, other] = [await kit.newSite(3), await kit.newSite(3)];
    const asker = caller(site);
    for (const name of ['limit', 'offset'])
      for (const value of ['x', '-1', '1.5', '1e3', '0x10', '%20', "1'", '%D9%A1'])
        expectRefused(await asker.list('redirects', `?${name}=${value}`), 400, `invalid ${name}`);
    for (const name of ['limit', 'offset', 'cursor']) {
      const twice = await asker.list('redirects', `?${name}=1&${name}=2`);
      expectRefused(twice, 400, `${name} is given more than once`);
    }
    const nextOf = async (one: FlectoCaller) =>
      ((await one.list('redirects', '?limit=1')).json as List).Next ?? '';
    const good = await nextOf(asker);
    expect(((await asker.list('redirects', `?cursor=${good}`)).json as List).Items).toHaveLength(2);
    const forged = Buffer.from('{"site":"x","after":0,"total":1,"delivered":1}').toString('base64url');
    const foreign = await nextOf(caller(other));
    for (const cursor of ['x', '1', forged, good.slice(0, -1), `${good.slice(0, -2)}AA`, foreign, '[]'])
      expectRefused(await asker.list('redirects', `?cursor=${cursor}`), 400, 'invalid cursor');
    expectRefused(await asker.list('pages', `?cursor=${good}`), 400, 'invalid cursor');
    for (const query of ['?cursor=%00', '?limit=%00']) {
      const reply = await asker.list('redirects', query);
      expect(reply.status).toBe(400);
    }
  });
});
