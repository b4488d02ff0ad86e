import { expect } from 'vitest';
import type { Reply } from './client.ts';
import { PASSWORD, type World } from './world.ts';

export interface FlectoLogin {
  user: { id: number; username: string; firstname: string; lastname: string };
  tokens: { accessToken: string; refreshToken: string; expiresAt: number };
}

/** What a script does at Flecto's API, each time as somebody with an address of their own. */
export function flectoSteps(world: World) {
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
  const login = (username: string, password = PASSWORD): Promise<Reply> =>
    world.client().post('/auth/login', { username, password });
  const refresh = (refreshToken: unknown): Promise<Reply> =>
    world.client().post('/auth/refresh', { refreshToken });

  return {
    bearer,
    login,
    refresh,
    /** The answer of a log-in or refresh that went well. */
    good(reply: Reply): FlectoLogin {
      expect([reply.status, reply.text.slice(0, 100)]).toEqual([200, expect.stringContaining('{"user":')]);
      return reply.json;
    },
    async signIn(username: string, password = PASSWORD): Promise<FlectoLogin> {
      return this.good(await login(username, password));
    },
    async renew(refreshToken: string): Promise<FlectoLogin> {
      return this.good(await refresh(refreshToken));
    },
    logout: (credential: string): Promise<Reply> =>
      world.client().send('/auth/logout', { method: 'POST', headers: bearer(credential) }),
    /** Asks for nothing in particular: 404 with a good credential, 401 with any other (contract A2). */
    async knock(credential: string, on = world): Promise<number> {
      return (await on.client().get('/api/nothing', bearer(credential))).status;
    },
    /** Status and code of a refusal, such as `401 invalid_token`. */
    refusal(reply: Reply): string {
      const { error, message, ...more } = reply.json as Record<string, unknown>;
      expect(typeof message).toBe('string');
      expect(Object.keys(more)).toEqual([]);
      return `${reply.status} ${error === undefined ? message : error}`;
    },
    claims: (token: string): Record<string, unknown> =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()),
  };
}
