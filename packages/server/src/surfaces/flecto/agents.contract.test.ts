import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSiteKit, createWorld, DIALECTS, FlectoCaller, type World } from '../../testing/index.ts';

const GOOD = { name: 'edge-2', type: 'traefik', status: 'success', version: 3, load_duration: 7, error: '' };

describe.each(DIALECTS)('what agents report on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createSiteKit>;
  let token: string;
  beforeAll(async () => {
    world = await createWorld({ dialect });
    kit = createSiteKit(world);
    token = (await kit.newToken([{ namespace: '*', site: '*', resource: '*', action: '*' }])).plain;
  });
  afterAll(() => world.close());

  async function newSite() {
    const site = await kit.newSite();
    const asker = new FlectoCaller(world, { ...site.path, token });
    const all = () => world.instance.agents.list({ ...site.path, query: '', after: null, limit: 100 });
    const find = async (name: string) => (await all()).find((agent) => agent.name === name);
    return { ...site, asker, all, find };
  }

  it('makes them known, is overwritten by the next report, and is answered by nothing (case 25)', async () => {
    const { asker, find } = await newSite();
    const first = await asker.report(GOOD);
    expect([first.status, first.text, first.headers.get('content-type')]).toEqual([200, '', null]);
    const { status: _, ...without } = GOOD;
    expect(await find('edge-2')).toMatchObject({
      ...{ type: 'traefik', status: 'success', version: 3, loadDuration: 7, error: '' },
      lastHitAt: world.clock.now(),
    });
    world.clock.advance(1_000);
    const failed = { ...GOOD, type: 'default', status: 'error', version: -4, error: 'no route' };
    expect((await asker.report({ ...failed, load_duration: '1m2.5s' })).status).toBe(200);
    expect(await find('edge-2')).toMatchObject({
      ...{ type: 'default', status: 'error', version: -4, loadDuration: 62_500_000_000, error: 'no route' },
      lastHitAt: world.clock.now(),
      createdAt: world.clock.now() - 1_000,
    });
    // Once known, what is left out of a report stays or is nothing.
    expect((await asker.report({ ...without, load_duration: 0 })).status).toBe(200);
    expect(await find('edge-2')).toMatchObject({ status: 'error', version: 3, loadDuration: 0, error: '' });
  });

  it('moves the last hit, and only that, without a body or with whatever a client sends (case 25)', async () => {
    const { asker, edge } = await newSite();
    const before = await edge();
    for (const send of [
      { method: 'PATCH' },
      { method: 'PATCH', headers: { 'content-type': 'application/json' } },
      { method: 'PATCH', body: 'null' },
      { method: 'PATCH', body: '{"version":9}' },
    ]) {
      world.clock.advance(1_000);
      const reply = await asker.send(`${asker.path}/agents/edge/hit`, send);
      expect([reply.status, reply.text]).toEqual([200, '']);
      expect(await edge()).toEqual({ ...before, lastHitAt: world.clock.now() });
    }
  });

  it('counts an agent as offline when it was not heard of for longer than six hours', async () => {
    const { asker, edge } = await newSite();
    await asker.hit();
    world.clock.advance(6 * 60 * 60_000);
    expect(await edge()).toMatchObject({ isOffline: false });
    world.clock.advance(1);
    expect(await edge()).toMatchObject({ isOffline: true });
    await asker.hit();
    expect(await edge()).toMatchObject({ isOffline: false });
  });

  const UNREADABLE = 'Invalid request body';
  const FIRST = 'agent status and load duration are required at its first report';
  it.each([
    [{ ...GOOD, name: '' }, 'invalid agent name: '],
    [{ ...GOOD, name: 'a b' }, 'invalid agent name: a b'],
    [{ ...GOOD, name: 'host.example' }, 'invalid agent name: host.example'],
    [{ ...GOOD, name: 'a\u0000' }, 'invalid agent name: a\ufffd'],
    [{ ...GOOD, name: '\ud800' }, 'invalid agent name: \ufffd'],
    [{ ...GOOD, name: 'x'.repeat(256) }, `invalid agent name: ${'x'.repeat(100)}`],
    [{ ...GOOD, name: null }, 'invalid agent name: '],
    [{}, 'invalid agent name: '],
    [{ ...GOOD, type: 'nginx' }, 'invalid agent type: nginx'],
    [{ ...GOOD, type: undefined }, 'invalid agent type: '],
    [{ ...GOOD, status: 'fine' }, 'invalid agent status: fine'],
    [{ ...GOOD, version: 0 }, 'agent version is required'],
    [{ ...GOOD, version: undefined }, 'agent version is required'],
    [{ ...GOOD, status: undefined }, FIRST],
    [{ ...GOOD, status: '' }, FIRST],
    [{ ...GOOD, load_duration: 0 }, FIRST],
    [{ ...GOOD, load_duration: undefined }, FIRST],
    [{ ...GOOD, load_duration: '10 ms' }, 'invalid agent load duration'],
    [{ ...GOOD, load_duration: '5' }, 'invalid agent load duration'],
    [{ ...GOOD, load_duration: '999999999h' }, 'invalid agent load duration'],
    [{ ...GOOD, load_duration: '1ns'.repeat(20_000) }, 'invalid agent load duration'],
    [{ ...GOOD, name: 7 }, UNREADABLE],
    [{ ...GOOD, version: 1.5 }, UNREADABLE],
    [{ ...GOOD, version: '1' }, UNREADABLE],
    ['{"name":"edge-2","type":"default","version":99999999999999999999}', UNREADABLE],
    [{ ...GOOD, load_duration: [] }, UNREADABLE],
    [{ ...GOOD, error: {} }, UNREADABLE],
    ['{"name":"a","name":"b"}', UNREADABLE],
    ['{"name":', UNREADABLE],
    ['[]', UNREADABLE],
    ['"edge"', UNREADABLE],
  ])('refuses %j and keeps nothing of it (case 26) [N06]', async (body, message) => {
    const { asker, all } = await newSite();
    const reply = await asker.report(body);
    expect([reply.status, reply.text]).toEqual([400, `${JSON.stringify({ message })}\n`]);
    expect((await all()).map(({ name }) => name)).toEqual(['edge']);
  });

  it('takes what a Go client may send: any case of a name, null, durations in words', async () => {
    const { asker, find } = await newSite();
    const durations = { '10ms': 1e7, '1.5h': 5.4e12, '2us3ns': 2_003, '4µs': 4_000, '-1s': -1e9, '.5s': 5e8 };
    for (const [load_duration, loadDuration] of Object.entries(durations)) {
      expect((await asker.report({ ...GOOD, load_duration })).status, load_duration).toBe(200);
      expect(await find('edge-2')).toMatchObject({ loadDuration });
    }
    const spelled = { Name: 'edge-2', TYPE: 'default', Version: 5, error: null, more: { of: 'it' } };
    expect((await asker.report(spelled)).status).toBe(200);
    expect(await find('edge-2')).toMatchObject({ version: 5, type: 'default', error: '' });
  });

  it('keeps the first 500 characters of an error, whatever is in it', async () => {
    const { asker, find } = await newSite();
    await asker.report({ ...GOOD, status: 'error', error: `a\u0000b\ud800${'x'.repeat(600)}` });
    expect((await find('edge-2'))?.error).toBe(`a\ufffdb\ufffd${'x'.repeat(496)}`);
    await asker.report({ ...GOOD, error: '💥'.repeat(251) });
    expect((await find('edge-2'))?.error).toBe('💥'.repeat(250));
  });

  it('knows no agent that never reported (case 26)', async () => {
    const { asker, edge } = await newSite();
    const before = await edge();
    for (const name of ['nobody', 'EDGE', '%C3%A4', 'x'.repeat(300), "'--"]) {
      const reply = await asker.hit(name);
      expect([reply.status, reply.text], name).toEqual([404, '{"message":"record not found"}\n']);
    }
    for (const name of ['%00', '%ED%A0%80', '%zz', 'x'.repeat(1_400)]) {
      const reply = await asker.hit(name);
      expect([reply.status, reply.text], name).toEqual([400, expect.stringMatching(/^\{"message":"[^"]+"/)]);
    }
    expect(await edge()).toEqual(before);
  });

  it('makes one row of 50 parallel first reports of one agent, and one each of 50 agents', async () => {
    const { asker, all } = await newSite();
    const same = await Promise.all(
      Array.from({ length: 50 }, (_, version) => asker.report({ ...GOOD, version: version + 1 })),
    );
    const each = await Promise.all(
      Array.from({ length: 50 }, (_, number) => asker.report({ ...GOOD, name: `fleet-${number}` })),
    );
    expect([...same, ...each].map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect((await all()).length).toBe(52);
    const hits = await Promise.all(Array.from({ length: 50 }, () => asker.hit('edge-2')));
    expect(hits.every(({ status }) => status === 200)).toBe(true);
  });

  it('gives 200 or 404, and never an outage, while its project is deleted and made again', async () => {
    const { asker, path } = await newSite();
    const actor = { userId: null, sessionId: null, origin: null };
    const churn = async () => {
      for (let round = 0; round < 10; round++) {
        await world.instance.sites.delete({ ...path, actor });
        await world.instance.sites.create({ ...path, name: 'Again', actor });
      }
    };
    const [, ...replies] = await Promise.all([
      churn(),
      ...Array.from({ length: 100 }, (_, number) => asker.report({ ...GOOD, name: `agent-${number}` })),
    ]);
    expect(replies.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
  });
});
