import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/index.ts';
import { createAsker } from './ask.ts';

describe('asking a service', () => {
  const waiting: ServerResponse[] = [];
  const server = createServer((_request, response) => void waiting.push(response));
  let url: string;
  beforeEach(async () => {
    waiting.length = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('stops at 200 questions that nobody answers, and goes on when they are answered', async () => {
    const ask = createAsker({ url, timeoutMs: 30_000 });
    const asked = Array.from({ length: 200 }, () => ask({ response: 'x' }));
    await until(() => waiting.length === 200);
    await expect(ask({ response: 'one too many' })).rejects.toThrow(/200 questions wait/);
    expect(waiting).toHaveLength(200);
    for (const response of waiting.splice(0)) response.end('{"success":true}');
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ success: true })));

    const next = ask({ response: 'now' });
    await until(() => waiting.length === 1);
    waiting[0]?.end('[]');
    expect(await next).toEqual([]);
  });

  it('gives a place back when a question fails', async () => {
    const ask = createAsker({ url: 'http://127.0.0.1:1/', timeoutMs: 30_000 });
    for (let round = 0; round < 3; round++) {
      const results = await Promise.allSettled(Array.from({ length: 100 }, () => ask({})));
      for (const result of results)
        expect(result).toMatchObject({ status: 'rejected', reason: { message: 'fetch failed' } });
    }
  });
});
