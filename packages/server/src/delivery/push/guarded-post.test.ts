import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedPost } from './guarded-post.ts';

/** A resolver with one answer for every name, which counts how often it was asked. */
function resolvingTo(...addresses: string[]) {
  const names: string[] = [];
  const resolve = ((name: string, _options: unknown, callback: (error: null, all: unknown[]) => void) => {
    names.push(name);
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as unknown as typeof lookup;
  return { names, resolve };
}

const message = { headers: {}, body: Buffer.from('x') };

describe('the guard around addresses that anybody may name', () => {
  const guard = createGuardedPost({ allowsLoopback: false, timeoutMs: 10_000 });
  const local = createGuardedPost({ allowsLoopback: true, timeoutMs: 10_000 });
  let server: Server;
  let base: string;
  const seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.url ?? '');
      if (request.url === '/hang') return;
      response.writeHead(201);
      if (request.url !== '/endless') {
        response.end();
        return;
      }
      const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    'https://fcm.googleapis.com/fcm/send/x',
    'https://updates.push.services.mozilla.com/wpush/v2/x',
    'https://web.push.apple.com/x',
    'https://wns2-par02p.notify.windows.com/w/?token=x',
    'https://[2606:4700::1111]/x',
  ])('lets %s through', (address) => {
    expect(guard.allows(address)).toBe(true);
  });

  it.each([
    ['plain http', 'http://push.example.com/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback by number', 'https://2130706433/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback in octal', 'https://0177.0.0.1/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['loopback, mapped', 'https://[::ffff:7f00:1]/'],
    ['nothing', 'https://0.0.0.0/'],
    ['private, 10', 'https://10.1.2.3/'],
    ['private, 172.16', 'https://172.31.0.1/'],
    ['private, 192.168', 'https://192.168.1.1/'],
    ['carrier NAT', 'https://100.64.0.1/'],
    ['link-local', 'https://169.254.169.254/'],
    ['link-local IPv6', 'https://[fe80::1]/'],
    ['unique local', 'https://[fc00::1]/'],
    ['multicast', 'https://224.0.0.1/'],
    ['broadcast', 'https://255.255.255.255/'],
    ['NAT64', 'https://[64:ff9b::a00:1]/'],
    ['6to4', 'https://[2002:a00:1::1]/'],
    ['Teredo', 'https://[2001:0:a00:1::]/'],
    ['documentation', 'https://192.0.2.1/'],
    ['another port', 'https://push.example.com:22/'],
    ['credentials', 'https://me@push.example.com/'],
    ['a script', 'javascript:alert(1)'],
    ['nonsense', 'https://'],
  ])('stops %s [L04]', async (_what, address) => {
    expect(guard.allows(address)).toBe(false);
    await expect(guard.post({ ...message, address })).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
  });

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::ffff:10.0.0.1'],
    ['fd00::1'],
    ['203.0.114.1', '10.0.0.1'],
  ])('stops a name that leads to %s, where it would connect [L04]', async (...addresses) => {
    const { names, resolve } = resolvingTo(...addresses);
    const guarded = createGuardedPost({ allowsLoopback: false, timeoutMs: 10_000, resolve });
    const address = 'https://push.example.com/x';
    await expect(guarded.post({ ...message, address })).rejects.toMatchObject({ code: 'FORBIDDEN_ADDRESS' });
    // Looked up once: there is no second answer that could be another.
    expect(names).toEqual(['push.example.com']);
  });

  it('calls its own machine only where the server is at home there, and the network around it never', async () => {
    expect(await local.post({ ...message, address: `${base}/x` })).toBe(201);
    expect(guard.allows(`${base}/x`)).toBe(false);
    for (const address of ['http://10.0.0.1/', 'https://10.0.0.1/', 'http://push.example.com/'])
      expect(local.allows(address)).toBe(false);
    expect(seen).toEqual(['/x']);
  });

  it('gives up when there is no answer in time, and reads no body however long [L04, L05]', async () => {
    const hasty = createGuardedPost({ allowsLoopback: true, timeoutMs: 300 });
    await expect(hasty.post({ ...message, address: `${base}/hang` })).rejects.toThrow();
    expect(await local.post({ ...message, address: `${base}/endless` })).toBe(201);
  });
});
