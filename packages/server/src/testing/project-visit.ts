import { randomBytes } from 'node:crypto';
import { tokenHash } from '../crypto/index.ts';
import type { Reply } from './client.ts';
import type { FluxProject } from './flux-kit.ts';
import { PageClient } from './page-client.ts';
import type { World } from './world.ts';

export const APP_URL = 'https://app.example.com/signed-in?from=flux';

/** A browser without script that an app has sent to the pages of its project, and the app's half of the way back. */
export function visitProject(
  world: World,
  project: Pick<FluxProject, 'id' | 'app'>,
  { state = 'st/4=te' } = {},
) {
  const browser = new PageClient(world.baseUrl);
  const verifier = randomBytes(32).toString('base64url');
  const asked: Record<string, string> = {
    redirect_url: APP_URL,
    code_challenge: tokenHash(verifier),
    state,
  };
  let way = '';

  function noted(reply: Reply): Reply {
    way = /name="way" value="([^"]+)"/.exec(reply.text)?.[1] ?? way;
    return reply;
  }

  const path = (page: string) => `/p/${project.id}/${page}`;

  return {
    browser,
    verifier,
    path,
    /** As the app links to it; what is undefined is left out. */
    async open(page: string, change: Record<string, string | undefined> = {}): Promise<Reply> {
      const query = Object.entries({ ...asked, ...change }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return noted(await browser.get(`${path(page)}?${new URLSearchParams(query)}`));
    },
    /** As somebody comes to it from elsewhere. */
    land: async (page: string): Promise<Reply> => noted(await browser.get(path(page))),
    /** With the way of the last page that had one. */
    async send(
      page: string,
      fields: Record<string, string> = {},
      headers?: Record<string, string>,
    ): Promise<Reply> {
      return noted(await browser.form(path(page), { way, ...fields }, headers));
    },
    /** What the app gets for the code of an address that the browser was led to. */
    exchange(reply: Reply, codeVerifier = verifier): Promise<Reply> {
      return project.app('/sessions/exchange', { code: codeIn(reply), code_verifier: codeVerifier });
    },
  };
}

/** Where a browser was led, if it was led back to the app; throws otherwise. */
export function ledTo({ status, headers, text }: Reply): URL {
  const location = headers.get('location') ?? '';
  if (status !== 303 || !location.startsWith('https://app.example.com/'))
    throw new Error(`${status} ${location} ${text}`);
  return new URL(location);
}

function codeIn(reply: Reply): string {
  return ledTo(reply).searchParams.get('code') ?? '';
}
