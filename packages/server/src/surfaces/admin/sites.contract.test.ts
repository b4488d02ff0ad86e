import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminClient, createWorld, DIALECTS, type Reply, type World } from '../../testing/index.ts';

interface Listed<Item> {
  items: Item[];
  next_cursor: string | null;
}
interface Project {
  code: string;
  version: number;
  redirects: number;
  pages: number;
  page_bytes: number;
  published_redirects: number;
  published_pages: number;
  has_unpublished: boolean;
  published_at: string | null;
}

const REDIRECT = { type: 'BASIC', source: '/old', target: '/new', status: 'FOUND' };
const PAGE = { type: 'BASIC', path: '/robots.txt', content: 'User-agent: *\n', content_type: 'TEXT_PLAIN' };

function expectProblem(reply: Reply, status: number, code: string): void {
  expect(reply.status, reply.text).toBe(status);
  expect(reply.json).toMatchObject({ status, code });
}

describe.each(DIALECTS)("Flecto's projects at the admin API on %s", (dialect) => {
  let world: World;
  let admin: AdminClient;
  let count = 0;
  beforeAll(async () => {
    world = await createWorld({
      dialect,
      env: {
        FLUXGATE_RATE_LIMITS: 'off',
        FLUXGATE_FLECTO_PAGE_SIZE_LIMIT_BYTES: '100000',
        FLUXGATE_FLECTO_TOTAL_PAGE_SIZE_LIMIT_BYTES: '250000',
      },
    });
    admin = await AdminClient.ofSetup(world);
  });
  afterAll(() => world.close());

  /** A namespace of its own with one project in it. */
  async function newSite() {
    const namespace = `space-${count++}`;
    expect((await admin.post('/flecto/namespaces', { code: namespace, name: 'Space' })).status).toBe(200);
    const made = await admin.post(`/flecto/namespaces/${namespace}/projects`, { code: 'web', name: 'Web' });
    expect(made.status).toBe(200);
    const path = `/flecto/namespaces/${namespace}/projects/web`;
    return { namespace, path, project: async () => (await admin.get(path)).json as Project };
  }

  it('lists and finds by the beginning of a code, each once, and only what the caller may read in', async () => {
    const prefix = `list${count++}`;
    const codes = Array.from({ length: 12 }, (_, number) => `${prefix}-${String(number).padStart(2, '0')}`);
    for (const code of codes) await admin.post('/flecto/namespaces', { code, name: code });
    for (const code of codes)
      await admin.post(`/flecto/namespaces/${codes[0]}/projects`, { code, name: code });
    for (const list of ['/flecto/namespaces', `/flecto/namespaces/${codes[0]}/projects`]) {
      const found: string[] = [];
      let cursor = '';
      do {
        const page = (await admin.get(`${list}?query=${prefix}&limit=5&cursor=${encodeURIComponent(cursor)}`))
          .json as Listed<{ code: string }>;
        found.push(...page.items.map(({ code }) => code));
        cursor = page.next_cursor ?? '';
      } while (cursor !== '');
      expect(found).toEqual(codes);
      const one = (await admin.get(`${list}?query=${codes[3]}`)).json as Listed<object>;
      expect(one.items).toMatchObject([{ code: codes[3] }]);
      for (const query of ['%25', 'LIST', '%5C', `${prefix}_`])
        expect(((await admin.get(`${list}?query=${query}`)).json as Listed<object>).items).toEqual([]);
      expectProblem(await admin.get(`${list}?cursor=made-up`), 400, 'invalid_request');
    }
    const row = { namespace: codes[0] ?? '', site: codes[1] ?? '', resource: 'page', action: 'read' };
    const other = { ...row, namespace: codes[5] ?? '', action: 'write' };
    const { caller } = await AdminClient.withRights(world, { resources: [row, other] });
    const seen = (await caller.get('/flecto/namespaces')).json as Listed<object>;
    expect(seen.items).toMatchObject([{ code: codes[0] }]);
    const projects = (await caller.get(`/flecto/namespaces/${codes[0]}/projects`)).json as Listed<object>;
    expect(projects.items).toMatchObject([{ code: codes[1] }]);
    expectProblem(await caller.get(`/flecto/namespaces/${codes[5]}/projects`), 403, 'forbidden');
  });

  it('takes no cursor of another list [bug 71]', async () => {
    const { path } = await newSite();
    for (const source of ['/a', '/b']) await admin.post(`${path}/redirects`, { ...REDIRECT, source });
    const { next_cursor } = (await admin.get(`${path}/redirects?limit=1`)).json as Listed<object>;
    expect(next_cursor).toMatch(/./);
    for (const list of [`${path}/pages`, `${path}/agents`, '/flecto/namespaces'])
      expectProblem(await admin.get(`${list}?cursor=${next_cursor}`), 400, 'invalid_request');
  });

  it('keeps every edit a draft until it is published, and says what a publish would do', async () => {
    const { path, project } = await newSite();
    expect(await project()).toMatchObject({ version: 1, has_unpublished: false, published_at: null });
    const first = (await admin.post(`${path}/redirects`, REDIRECT)).json as { id: number };
    const second = (await admin.post(`${path}/redirects`, { ...REDIRECT, source: '/two' })).json as {
      id: number;
    };
    const page = (await admin.post(`${path}/pages`, PAGE)).json as { id: number };
    expect((await admin.get(`${path}/pages/${page.id}`)).json).toMatchObject({
      ...PAGE,
      state: 'new',
      bytes: 14,
    });
    expect(((await admin.get(`${path}/pages`)).json as Listed<object>).items[0]).not.toHaveProperty(
      'content',
    );
    expect(await project()).toMatchObject({
      ...{ version: 1, redirects: 2, pages: 1, page_bytes: 14, published_redirects: 0, published_pages: 0 },
      has_unpublished: true,
    });

    expect((await admin.post(`${path}/publish`)).json).toMatchObject({
      ...{ version: 2, published_redirects: 2, published_pages: 1 },
    });
    expect(await project()).toMatchObject({ version: 2, has_unpublished: false });
    expect((await admin.get(`${path}/redirects/${first.id}`)).json).toMatchObject({ state: 'published' });

    const changed = await admin.send('PATCH', `${path}/redirects/${first.id}`, { target: '/newer' });
    expect(changed.json).toMatchObject({ ...REDIRECT, target: '/newer', state: 'changed', id: first.id });
    expect((await admin.send('DELETE', `${path}/redirects/${second.id}`)).status).toBe(204);
    expectProblem(await admin.send('DELETE', `${path}/redirects/${second.id}`), 404, 'not_found');
    expectProblem(await admin.send('PATCH', `${path}/redirects/${second.id}`, {}), 404, 'not_found');
    const states = ((await admin.get(`${path}/redirects`)).json as Listed<{ state: string }>).items;
    expect(states.map(({ state }) => state)).toEqual(['changed', 'removed']);
    // Its source is free for another at once.
    const again = await admin.post(`${path}/redirects`, { ...REDIRECT, source: '/two' });
    expect(again.status).toBe(200);
    expect(await project()).toMatchObject({ redirects: 2, published_redirects: 2, version: 2 });
    expect((await admin.post(`${path}/publish`)).json).toMatchObject({ version: 3, published_redirects: 2 });
    expectProblem(await admin.get(`${path}/redirects/${second.id}`), 404, 'not_found');
    // A draft that never was published goes at once.
    const { id } = (await admin.post(`${path}/redirects`, { ...REDIRECT, source: '/3' })).json as {
      id: number;
    };
    await admin.send('DELETE', `${path}/redirects/${id}`);
    expect(await project()).toMatchObject({ redirects: 2, has_unpublished: false, version: 3 });
  });

  it('refuses a second draft of one type and source or path, also by a change', async () => {
    const { path } = await newSite();
    const kinds = [
      ['redirects', 'source', REDIRECT],
      ['pages', 'path', PAGE],
    ] as const;
    for (const [list, field, body] of kinds) {
      await admin.post(`${path}/${list}`, body);
      expectProblem(await admin.post(`${path}/${list}`, body), 409, 'taken');
      const other = (await admin.post(`${path}/${list}`, { ...body, [field]: '/other' })).json as {
        id: number;
      };
      const one = `${path}/${list}/${other.id}`;
      const [first] = Object.entries(body).filter(([name]) => name === field);
      expectProblem(await admin.send('PATCH', one, { [field]: first?.[1] }), 409, 'taken');
      expect((await admin.send('PATCH', one, { type: 'BASIC_HOST', [field]: first?.[1] })).status).toBe(200);
      expect((await admin.post(`${path}/${list}`, { ...body, [field]: '/OTHER' })).status).toBe(200);
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => admin.post(`${path}/${list}`, { ...body, [field]: '/race' })),
      );
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(replies.filter(({ status }) => status === 409)).toHaveLength(19);
    }
  });

  it('raises the version by exactly one for each of 50 parallel publishes, while drafts are made', async () => {
    const { path, project } = await newSite();
    const before = (await project()).version;
    const [published, drafts] = await Promise.all([
      Promise.all(Array.from({ length: 50 }, () => admin.post(`${path}/publish`))),
      Promise.all(
        Array.from({ length: 20 }, (_, number) =>
          admin.post(`${path}/redirects`, { ...REDIRECT, source: `/${number}` }),
        ),
      ),
    ]);
    expect(drafts.every(({ status }) => status === 200)).toBe(true);
    const versions = published.map((reply) => (reply.json as Project).version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 50 }, (_, number) => before + 1 + number));
    await admin.post(`${path}/publish`);
    // None is lost and none is there twice, whichever publish it came with.
    expect(await project()).toMatchObject({
      ...{ version: before + 51, redirects: 20, published_redirects: 20, has_unpublished: false },
    });
  });

  it('keeps pages within the limits of one and of all, of drafts and by bytes', async () => {
    const { path, project } = await newSite();
    const page = (at: string, content: string) => admin.post(`${path}/pages`, { ...PAGE, path: at, content });
    expect((await page('/a', 'é'.repeat(50_000))).status).toBe(200);
    expectProblem(await page('/b', `${'é'.repeat(50_000)}x`), 400, 'too_large');
    expect((await page('/b', '\u0001'.repeat(100_000))).status).toBe(200);
    expectProblem(await page('/c', 'x'.repeat(50_001)), 400, 'too_large');
    const third = (await page('/c', 'x'.repeat(50_000))).json as { id: number };
    expect(await project()).toMatchObject({ pages: 3, page_bytes: 250_000 });
    expectProblem(
      await admin.send('PATCH', `${path}/pages/${third.id}`, { content: 'x'.repeat(50_001) }),
      400,
      'too_large',
    );
    expect((await admin.send('PATCH', `${path}/pages/${third.id}`, { content: '' })).status).toBe(200);
    expect(await project()).toMatchObject({ pages: 3, page_bytes: 200_000 });
    expectProblem(await page('/d', 'x'.repeat(1_000_000)), 413, 'invalid_request');
  });

  it('answers hostile codes, ids and bodies with 400 or 404, never with an outage [N06]', async () => {
    const { path, project, namespace } = await newSite();
    await admin.post(`${path}/redirects`, REDIRECT);
    const bad: unknown[] = [
      '',
      'a b',
      'a/b',
      'ä',
      '../x',
      'a\u0000',
      '\ud800',
      'x'.repeat(51),
      '*',
      7,
      null,
      [],
    ];
    for (const code of bad)
      for (const list of ['/flecto/namespaces', `/flecto/namespaces/${namespace}/projects`])
        expectProblem(await admin.post(list, { code, name: 'x' }), 400, 'invalid_request');
    for (const name of ['', '  ', 'x'.repeat(101), 'a\u0000b', '\ud800', 7, null])
      expectProblem(await admin.post('/flecto/namespaces', { code: 'fine', name }), 400, 'invalid_request');
    const texts: unknown[] = ['', 'a\u0000b', 'a\r\nb', '\ud800', 'é'.repeat(1_025), 7, null, {}, undefined];
    for (const text of texts) {
      for (const field of ['source', 'target', 'type', 'status'])
        expectProblem(
          await admin.post(`${path}/redirects`, { ...REDIRECT, source: '/x', [field]: text }),
          400,
          'invalid_request',
        );
      for (const field of ['path', 'type', 'content_type'])
        expectProblem(await admin.post(`${path}/pages`, { ...PAGE, [field]: text }), 400, 'invalid_request');
    }
    for (const content of ['a\u0000b', '\udc00', 7, null, {}, undefined])
      expectProblem(await admin.post(`${path}/pages`, { ...PAGE, content }), 400, 'invalid_request');
    for (const raw of ['{"source":"a","source":"b"}', '[', 'null', '"x"', '[]'])
      expectProblem(await admin.post(`${path}/redirects`, raw), 400, 'invalid_request');
    for (const id of ['0', '-1', '1.5', 'x', '9999999999', '%00', '1e9999', "1'--"]) {
      const reply = await admin.get(`${path}/redirects/${id}`);
      expect([400, 404], id).toContain(reply.status);
    }
    for (const at of ['%00', '%ED%A0%80', '..%2f..', 'x'.repeat(60), 'nothing', '%F0%9F%92%A9']) {
      for (const reply of [
        await admin.get(`/flecto/namespaces/${at}`),
        await admin.get(`/flecto/namespaces/${at}/projects/${at}/redirects`),
        await admin.get(`${path.replace('web', at)}/pages?query=${at}`),
        await admin.send('DELETE', `${path}/agents/${at}`),
        await admin.send('DELETE', path.replace('web', at)),
        await admin.post(`${path.replace('web', at)}/publish`),
      ])
        expect([400, 404], at).toContain(reply.status);
    }
    // The longest that is taken still fits into every index.
    const long = Array.from({ length: 2_048 }, (_, at) => String.fromCharCode(97 + ((at * at) % 26))).join(
      '',
    );
    expect((await admin.post(`${path}/redirects`, { ...REDIRECT, source: long })).status).toBe(200);
    expect(await project()).toMatchObject({ redirects: 2, pages: 0, version: 1 });
  });

  it('finds drafts by the beginning of their address, page after page', async () => {
    const { path } = await newSite();
    const sources = Array.from({ length: 7 }, (_, number) => `/shop/${number}`);
    for (const source of ['/', ...sources, '/shopping'])
      await admin.post(`${path}/redirects`, { ...REDIRECT, source });
    await admin.post(`${path}/redirects`, { ...REDIRECT, source: '/shop/3', type: 'REGEX' });
    const found: string[] = [];
    let cursor = '';
    do {
      const query = `query=${encodeURIComponent('/shop/')}&limit=3&cursor=${encodeURIComponent(cursor)}`;
      const page = (await admin.get(`${path}/redirects?${query}`)).json as Listed<{ source: string }>;
      found.push(...page.items.map(({ source }) => source));
      cursor = page.next_cursor ?? '';
    } while (cursor !== '');
    expect(found).toEqual([...sources.slice(0, 4), '/shop/3', ...sources.slice(4)]);
  });

  it('deletes what is below a project or namespace, and nothing beside it', async () => {
    const { path, namespace } = await newSite();
    const beside = await newSite();
    await admin.post(`${path}/redirects`, REDIRECT);
    await admin.post(`${path}/pages`, PAGE);
    await admin.post(`${path}/publish`);
    const { db } = world.instance.storage;
    const agent = {
      ...{ projectId: world.instance.project.id, namespace, site: 'web' },
    };
    await world.instance.agents.report(agent, {
      ...{ name: 'edge', type: 'default', version: 2, status: 'success', loadDuration: 5, error: '' },
    });
    expect((await admin.get(`${path}/agents`)).json).toMatchObject({
      items: [{ name: 'edge', status: 'success', offline: false, load_duration: 5 }],
    });
    const remaining = `${path}/agents/edge`;
    expect((await admin.send('DELETE', remaining)).status).toBe(204);
    expectProblem(await admin.send('DELETE', remaining), 404, 'not_found');
    expect((await admin.get(`${path}/agents`)).json).toEqual({ items: [], next_cursor: null });
    const { count: there } = await db
      .selectFrom('published_item')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect((await admin.send('DELETE', `/flecto/namespaces/${namespace}`)).status).toBe(204);
    const { count: left } = await db
      .selectFrom('published_item')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(Number(there) - Number(left)).toBe(2);
    expectProblem(await admin.get(path), 404, 'not_found');
    expectProblem(await admin.send('DELETE', `/flecto/namespaces/${namespace}`), 404, 'not_found');
    expect(await beside.project()).toMatchObject({ version: 1 });
    expect((await admin.send('DELETE', beside.path)).status).toBe(204);
    expectProblem(await admin.get(beside.path), 404, 'not_found');
    const again = await admin.post(`/flecto/namespaces/${beside.namespace}/projects`, {
      ...{ code: 'web', name: 'Again' },
    });
    expect(again.json).toMatchObject({ version: 1, redirects: 0 });
  });

  it('takes no more redirects and pages than a project may have', async () => {
    const { path, project } = await newSite();
    const { db } = world.instance.storage;
    const { id } = await db
      .selectFrom('site')
      .innerJoin('namespace', 'namespace.id', 'site.namespace_id')
      .select('site.id')
      .where('namespace.code', '=', `space-${count - 1}`)
      .executeTakeFirstOrThrow();
    await db.updateTable('site').set({ redirects: 99_999, pages: 9_999 }).where('id', '=', id).execute();
    for (const status of [200, 400]) {
      expect((await admin.post(`${path}/redirects`, { ...REDIRECT, source: `/${status}` })).status).toBe(
        status,
      );
      expect((await admin.post(`${path}/pages`, { ...PAGE, path: `/${status}` })).status).toBe(status);
    }
    expect(await project()).toMatchObject({ redirects: 100_000, pages: 10_000 });
  });

  it.each([1, 2, 3, 4])(
    'answers none of what happens at once with an outage, whoever is first (%i of 4)',
    async () => {
      const { path, namespace } = await newSite();
      const replies = await Promise.all(
        Array.from({ length: 60 }, (_, turn) => {
          const all = '/flecto/namespaces';
          switch (turn % 6) {
            case 0:
              return admin.send('DELETE', `${all}/${namespace}`);
            case 1:
              return admin.post(all, { code: namespace, name: 'Again' });
            case 2:
              return admin.post(`${all}/${namespace}/projects`, { code: 'web', name: 'Again' });
            case 3:
              return admin.post(`${path}/redirects`, { ...REDIRECT, source: `/${turn}` });
            case 4:
              return admin.post(`${path}/publish`);
            default:
              return admin.send('DELETE', path);
          }
        }),
      );
      const odd = replies.filter(({ status }) => ![200, 204, 404, 409].includes(status));
      expect(odd.map(({ text }) => text)).toEqual([]);
    },
  );

  it('leaves a trace of who changed what [M04]', async () => {
    const { path, namespace } = await newSite();
    const { id } = (await admin.post(`${path}/redirects`, REDIRECT)).json as { id: number };
    await admin.send('PATCH', `${path}/redirects/${id}`, { target: '/t' });
    await admin.post(`${path}/publish`);
    await admin.send('DELETE', path);
    const trail = (await admin.get('/audit?event=site.&limit=5')).json as Listed<{
      event: string;
      actor_id: string;
    }>;
    expect(trail.items).toMatchObject([
      { event: 'site.deleted', details: { namespace, site: 'web' } },
      { event: 'site.published', details: { namespace, site: 'web', version: 2, changes: 1 } },
      { event: 'site.edited', details: { kind: 'redirect', number: id, change: 'changed' } },
      { event: 'site.edited', details: { kind: 'redirect', number: id, change: 'added' } },
      { event: 'site.created' },
    ]);
    expect(trail.items.every(({ actor_id }) => /^\d+$/.test(actor_id))).toBe(true);
  });
});
