import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';

const ENDPOINTS = [
  'api',
  'api_client',
  'api_public',
  'gateway',
  'media',
  'static_cdn',
  'marketing',
  'admin',
  'invite',
  'gift',
  'webapp',
];

describe.each(DIALECTS)('health and discovery on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  it('says OK in plain text', async () => {
    const reply = await world.client().get('/v1/_health');
    expect([reply.status, reply.text]).toEqual([200, 'OK']);
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('may be asked by a page of any site, also with a header of its own', async () => {
    const asked = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-fluxer-platform',
    };
    const reply = await world.client().send('/.well-known/fluxer', {
      method: 'OPTIONS',
      headers: { origin: 'https://any.example', ...asked },
    });
    expect(reply.status).toBe(204);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    expect(reply.headers.get('access-control-allow-headers')).toBe('*');
    expect(reply.headers.has('access-control-allow-credentials')).toBe(false);
  });

  it('tells clients all they insist on, from any origin', async () => {
    const reply = await world.client().get('/.well-known/fluxer', { origin: 'https://any.example' });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
    expect(reply.headers.has('access-control-allow-credentials')).toBe(false);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    const document = reply.json as Record<string, Record<string, unknown>>;
    expect(Number.isInteger(document['api_code_version'])).toBe(true);
    for (const name of ENDPOINTS) {
      const url = document['endpoints']?.[name];
      expect(typeof url, name).toBe('string');
      expect(URL.canParse(String(url)), name).toBe(true);
    }
    expect(document).toMatchObject({
      endpoints: { api: `${world.baseUrl}/v1` },
      captcha: { provider: 'none', hcaptcha_site_key: null, turnstile_site_key: null },
      features: {
        sms_mfa_enabled: expect.any(Boolean),
        voice_enabled: expect.any(Boolean),
        stripe_enabled: expect.any(Boolean),
        self_hosted: true,
        manual_review_enabled: expect.any(Boolean),
      },
      gif: { provider: expect.stringMatching(/^(klipy|tenor)$/) },
      sso: { enabled: false, enforced: false, display_name: null, redirect_uri: expect.any(String) },
      limits: { version: 2, traitDefinitions: [], rules: [], defaultsHash: expect.any(String) },
      push: { public_vapid_key: expect.stringMatching(/^[\w-]{87}$/) },
      app_public: { sentry_dsn: expect.any(String) },
    });
  });

  it('is where the document says the API is', async () => {
    const { endpoints } = (await world.client().get('/.well-known/fluxer')).json as {
      endpoints: { api: string };
    };
    const reply = await fetch(`${endpoints.api}/_health`);
    expect(await reply.text()).toBe('OK');
  });
});
