import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  AdminClient,
  DIALECTS,
  finished,
  freshDatabase,
  runFluxgate,
  type ServerProcess,
  startServer,
  until,
} from './testing/index.ts';

const AGENT = fileURLToPath(new URL('../../../examples/flecto-agent/src/main.ts', import.meta.url));
const PREFIX = '/behind/a/path';
const SITE = '/flecto/namespaces/production/projects/my-website';
const CALLS = '/api/namespace/production/project/my-website';

/** Stands between agent and manager, writes down what is called, and can pretend that there is nobody. */
async function createMiddleman(target: string) {
  const calls: string[] = [];
  const state = { isDown: false };
  const server = createServer((incoming, outgoing) => {
    if (state.isDown || !incoming.url?.startsWith(PREFIX)) {
      incoming.socket.destroy();
      return;
    }
    const path = incoming.url.slice(PREFIX.length);
    calls.push(`${incoming.method} ${path.replace(CALLS, '')}`);
    const { host: _, ...headers } = incoming.headers;
    const passed = forward(`${target}${path}`, { method: incoming.method, headers }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${PREFIX}/`,
    state,
    calls,
    take: () => calls.splice(0),
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

function runAgent(managerUrl: string, token: string, args: string[] = []) {
  const child: ChildProcess = spawn(process.execPath, [AGENT, ...args], {
    env: {
      FLECTO_MANAGER_URL: managerUrl,
      FLECTO_NAMESPACE: 'production',
      FLECTO_PROJECT: 'my-website',
      FLECTO_AGENT_NAME: 'edge-1',
      FLECTO_TOKEN: token,
      FLECTO_INTERVAL_SECONDS: '0.1',
      FLECTO_LISTEN_PORT: '0',
    },
  });
  let output = '';
  child.stdout?.on('data', (bytes) => {
    output += bytes;
  });
  return { child, output: () => output, exited: finished(child) };
}

async function administratorOf(server: ServerProcess): Promise<AdminClient> {
  await until(() => server.output().includes('/setup#token='));
  const [, token = ''] = /\/setup#token=([0-9A-Za-z]{64})/.exec(server.output()) ?? [];
  return await AdminClient.byLink(server, token);
}

interface Agents {
  items: { name: string; status: string; version: number; load_duration: number; last_hit_at: string }[];
}

describe.each(DIALECTS)('an agent in a process of its own on %s', (dialect) => {
  it('goes through its whole cycle with a freshly started server (case 25)', async () => {
    const database = await freshDatabase(dialect);
    const env = {
      FLUXGATE_DATABASE_URL: database.databaseUrl,
      FLUXGATE_PASSWORD_HASH_MEMORY_KIB: '7168',
      FLUXGATE_PASSWORD_HASH_PASSES: '1',
      FLUXGATE_LOG_LEVEL: 'silent',
    };
    const fluxgate = async (...args: string[]) => {
      const settings = { ...env, FLUXGATE_DATA_DIR: database.dataDir };
      const { code, stdout, stderr } = await finished(runFluxgate(args, settings, database.dataDir));
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const server = await startServer(env, database.dataDir);
    const middleman = await createMiddleman(server.baseUrl);
    const running: ChildProcess[] = [server.child];
    try {
      const admin = await administratorOf(server);
      await admin.post('/flecto/namespaces', { code: 'production', name: 'Production' });
      await admin.post('/flecto/namespaces/production/projects', { code: 'my-website', name: 'My website' });
      const redirect = { type: 'BASIC', source: '/old', target: '/new', status: 'PERMANENT_REDIRECT' };
      const { id } = (await admin.post(`${SITE}/redirects`, redirect)).json as { id: number };
      const page = { type: 'BASIC', path: '/robots.txt', content: 'Hello\n', content_type: 'TEXT_PLAIN' };
      await admin.post(`${SITE}/pages`, page);
      expect((await admin.post(`${SITE}/publish`)).json).toMatchObject({ version: 2 });
      const allow = ['redirect:read', 'page:read', 'agent:write'].flatMap((right) => [
        ...['--allow', `production/my-website ${right}`],
      ]);
      const printed = await fluxgate('token', 'create', '--name', 'edge-token', ...allow);
      const [token = ''] = /flecto_[\w-]{43}/.exec(printed) ?? [];

      const once = runAgent(middleman.url, token, ['--once']);
      expect(await once.exited).toMatchObject({ code: 0, stdout: 'flecto-agent: loaded, version 2\n' });
      expect(middleman.take()).toEqual([
        'GET /version',
        'GET /version',
        'GET /redirects?limit=100&offset=0',
        'GET /pages?limit=100&offset=0',
        'POST /agents',
      ]);

      const agent = runAgent(middleman.url, token);
      running.push(agent.child);
      await until(() => middleman.calls.includes('PATCH /agents/edge-1/hit'));
      expect(middleman.take().slice(4, 7)).toEqual([
        ...['POST /agents', 'GET /version', 'PATCH /agents/edge-1/hit'],
      ]);
      await until(() => agent.output().includes('serving on'));
      const [, served = ''] = /serving on (\S+)/.exec(agent.output()) ?? [];
      const serve = async (path: string) => {
        const reply = await fetch(served + path, { redirect: 'manual' });
        return [reply.status, reply.headers.get('location'), await reply.text()];
      };
      expect(await serve('/old?x=1')).toEqual([308, '/new', '']);
      expect(await serve('/robots.txt')).toEqual([200, null, 'Hello\n']);
      expect((await serve('/none'))[0]).toBe(404);

      const row = async () => ((await admin.get(`${SITE}/agents`)).json as Agents).items[0];
      const before = await row();
      expect(before).toMatchObject({ name: 'edge-1', status: 'success', version: 2, offline: false });
      expect(before?.load_duration).toBeGreaterThan(0);
      await until(async () => (await row())?.last_hit_at !== before?.last_hit_at);

      // A draft reaches nobody; a publish reaches the agent at its next look.
      await admin.send('PATCH', `${SITE}/redirects/${id}`, { target: '/newer' });
      middleman.take();
      await until(() => middleman.calls.length >= 4);
      expect(middleman.take()).not.toContain('POST /agents');
      expect((await serve('/old'))[1]).toBe('/new');
      await admin.post(`${SITE}/publish`);
      await until(async () => (await serve('/old'))[1] === '/newer');
      await until(async () => (await row())?.version === 3);
      expect(await row()).toMatchObject({ status: 'success' });

      middleman.state.isDown = true;
      await until(() => agent.output().includes('failed, still at version 3'));
      expect((await serve('/old'))[1]).toBe('/newer');
      middleman.state.isDown = false;
      middleman.take();
      await until(() => middleman.calls.includes('PATCH /agents/edge-1/hit'));

      await fluxgate('token', 'revoke', 'edge-token');
      await until(() => agent.output().includes('/version answered 401 {"message":"invalid API token"}'));
      expect((await serve('/old'))[1]).toBe('/newer');
      expect((await serve('/robots.txt'))[2]).toBe('Hello\n');
      const refused = runAgent(middleman.url, token, ['--once']);
      expect((await refused.exited).code).toBe(1);
      expect(await row()).toMatchObject({ status: 'success', version: 3 });

      agent.child.kill('SIGTERM');
      expect((await agent.exited).code).toBe(0);
      expect(agent.output()).not.toContain(token);
    } finally {
      for (const child of running) child.kill('SIGTERM');
      await server.exited;
      await middleman.close();
      await database.drop();
    }
  }, 120_000);
});
