import type { Client, Reply } from './client.ts';
import type { World } from './world.ts';

/** A browser on its way through the OpenID provider: it keeps the one cookie that the way needs. */
export function openidBrowser(world: World, address?: string) {
  const client: Client = world.client(address);
  let cookie: string | null = null;

  function keep(reply: Reply): Reply {
    for (const line of reply.headers.getSetCookie()) {
      const [, value = ''] = /^openid_state=([^;]*)/.exec(line) ?? [];
      cookie = value === '' ? null : value;
    }
    return reply;
  }

  return {
    get cookie() {
      return cookie;
    },
    set cookie(value: string | null) {
      cookie = value;
    },
    async begin(): Promise<{ reply: Reply; authUrl: string; state: string }> {
      const reply = keep(await client.get('/auth/openid'));
      const { authUrl = '' } = reply.json as { authUrl?: string };
      const state = authUrl === '' ? '' : (new URL(authUrl).searchParams.get('state') ?? '');
      return { reply, authUrl, state };
    },
    async comeBack(query: string, headers: Record<string, string> = {}): Promise<Reply> {
      const sent = { ...(cookie !== null && { cookie: `openid_state=${cookie}` }), ...headers };
      return keep(await client.get(`/auth/openid/callback${query}`, sent));
    },
  };
}

/** Where a redirect leads: path, query and fragment, each apart. */
export function whither(reply: Reply): {
  status: number;
  path: string;
  query: Record<string, string>;
  fragment: Record<string, string>;
} {
  const location = new URL(reply.headers.get('location') ?? 'about:blank', 'http://here');
  return {
    status: reply.status,
    path: location.pathname,
    query: Object.fromEntries(location.searchParams),
    fragment: Object.fromEntries(new URLSearchParams(location.hash.slice(1))),
  };
}
