import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../testing/index.ts';

/** Acts of a browser that need nobody signed in: they sign somebody in, or are proved by a mailed or handed secret. */
const OF_NOBODY = [
  'POST /sign_up',
  'POST /sign_in/password',
  // The session is the body's.
  'POST /sign_out',
  'POST /sessions/exchange',
  'POST /magic_links',
  'POST /magic_links/verify',
  'POST /password_reset/start',
  'POST /password_reset/finish',
  'POST /email_verification/finish',
  'POST /passkeys/authenticate/start',
  'POST /passkeys/authenticate/finish',
];

describe('acts of a signed-in user at Flux’s API', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
  });
  afterAll(() => world.close());

  it('all ask for the session, but those named here [J01]', async () => {
    const { paths } = (await world.direct.get('/openapi.json')).json as {
      paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>>;
    };
    const open: string[] = [];
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { security = [] }] of Object.entries(methods)) {
        const isUnsafe = path.startsWith('/flux/v1/') && method !== 'get';
        const isOfPages = security.some((keys) => 'fluxPublishableKey' in keys);
        const needsSession = security.every((keys) => 'fluxSession' in keys);
        if (isUnsafe && isOfPages && !needsSession)
          open.push(`${method.toUpperCase()} ${path.slice('/flux/v1'.length)}`);
      }
    expect(open.filter((act) => !OF_NOBODY.includes(act))).toEqual([]);
    expect(open).toContain('POST /sign_in/password');
  });

  it('may be asked about by a page before it sends them', async () => {
    const { headers } = await world.direct.send('/flux/v1/mfa/factors', { method: 'OPTIONS' });
    expect(headers.get('access-control-allow-headers')).toContain('x-flux-session');
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
      expect(headers.get('access-control-allow-methods')).toContain(method);
  });
});
