import { describe, expect, it, vi } from 'vitest';
import { createAdminApi } from './admin-api.ts';
import { createClient } from './client.ts';

function answering(answer: () => Response | Promise<Response>) {
  const fetch = vi.fn<typeof globalThis.fetch>(async () => answer());
  const onUnauthenticated = vi.fn<() => void>();
  return { api: createAdminApi(createClient({ fetch, onUnauthenticated })), fetch, onUnauthenticated };
}

function problem(status: number, code: string): Response {
  return new Response(JSON.stringify({ status, code }), { status });
}

describe('calling the admin API', () => {
  it('leaves empty parameters out and escapes the rest', async () => {
    const { api, fetch } = answering(() => Response.json({ items: [], next_cursor: null }));
    await api.findUsers({ query: 'a&b', cursor: null, limit: 25 });
    expect(fetch.mock.calls[0]?.[0]).toBe('/admin/v1/users?query=a%26b&limit=25');
  });

  it('cannot be led to another path by an id', async () => {
    const { api, fetch } = answering(() => Response.json({}));
    await api.user('../audit?x');
    expect(fetch.mock.calls[0]?.[0]).toBe('/admin/v1/users/..%2Faudit%3Fx');
  });

  it('sends no body where the contract has none', async () => {
    const { api, fetch } = answering(() => new Response(null, { status: 204 }));
    await api.endSession('1', '2');
    expect(fetch.mock.calls[0]?.[1]).not.toHaveProperty('body');
  });

  it('sends the administrator to sign in once the session is gone, and still refuses', async () => {
    const { api, onUnauthenticated } = answering(() => problem(401, 'unauthenticated'));
    await expect(api.me()).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(onUnauthenticated).toHaveBeenCalledOnce();
  });

  it('leaves a signed-in administrator where they are on every other refusal', async () => {
    const { api, onUnauthenticated } = answering(() => problem(403, 'sudo_required'));
    await expect(api.endAllSessions('1')).rejects.toMatchObject({ code: 'sudo_required' });
    expect(onUnauthenticated).not.toHaveBeenCalled();
  });

  it('reports silence as a problem of the network', async () => {
    const { api } = answering(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(api.me()).rejects.toMatchObject({ code: 'network', status: 0 });
  });

  it('passes an abandoned request on as abandoned', async () => {
    const gaveUp = new DOMException('stopped', 'AbortError');
    const { api } = answering(() => Promise.reject(gaveUp));
    await expect(api.me(AbortSignal.abort())).rejects.toBe(gaveUp);
  });

  it('refuses an answer that is not JSON rather than showing nothing', async () => {
    const { api } = answering(() => new Response('<html>', { status: 200 }));
    await expect(api.me()).rejects.toMatchObject({ code: 'unexpected' });
  });
});
