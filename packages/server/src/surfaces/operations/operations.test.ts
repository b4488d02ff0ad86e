import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';

/** Seed 003's names of the operations that are here. */
const OPERATIONS = [
  'forgot_password',
  'get_username_suggestions',
  'list_auth_sessions',
  'login_user',
  'logout_all_sessions',
  'logout_user',
  'register_account',
  'resend_verification_email',
  'reset_password',
  'verify_email',
];

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;
  components: { schemas: Record<string, unknown> };
}

describe.each(DIALECTS)('for operators and integrators on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_METRICS_TOKEN: 'a-token-for-the-collector' } });
  });
  afterAll(() => world.close());

  it('tells that it lives and that it is ready', async () => {
    expect((await world.client().get('/healthz')).json).toEqual({ status: 'ok' });
    expect((await world.client().get('/readyz')).json).toEqual({ status: 'ready' });
  });

  it('keeps metrics to this machine and to whoever has the token', async () => {
    const from = (headers: Record<string, string>) => fetch(`${world.baseUrl}/metrics`, { headers });
    expect((await from({})).status).toBe(200);
    expect((await from({ 'x-forwarded-for': '192.0.2.1' })).status).toBe(403);
    expect((await from({ via: '1.1 proxy' })).status).toBe(403);
    expect((await from({ authorization: 'Bearer wrong' })).status).toBe(403);
    const collector = { 'x-forwarded-for': '192.0.2.1', authorization: 'Bearer a-token-for-the-collector' };
    expect((await from(collector)).status).toBe(200);
  });

  it('counts by route template, never by path, and holds nothing of anybody [M04]', async () => {
    const { client, email } = await world.person();
    await client.get(`/v1/auth/reset/${'x'.repeat(64)}`);
    const text = await (await fetch(`${world.baseUrl}/metrics`)).text();
    expect(text).toMatch(
      /fluxgate_http_request_duration_seconds_count\{method="POST",route="\/v1\/auth\/login",status="200"\} \d+/,
    );
    expect(text).toContain('route="/v1/auth/reset/:token"');
    expect(text).not.toContain(email);
    expect(text).not.toContain('xxxx');
    expect(text).toContain('fluxgate_password_hashes_waiting');
  });

  it('describes its API in a valid document under the names of seed 003 [A11]', async () => {
    const document = (await world.client().get('/openapi.json')).json as Document;
    expect(document.openapi).toMatch(/^3\.1/);
    const { valid, errors } = await new Validator().validate(document as never);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).toEqual(expect.arrayContaining(OPERATIONS));
    expect(ids.every((id) => id !== undefined)).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(document.components.schemas).filter((name) => name.endsWith('Input'))).toEqual([]);
  });

  it('shows the same as a page that can be read', async () => {
    const page = await world.client().get('/docs');
    expect(page.status).toBe(200);
    for (const id of OPERATIONS) expect(page.text).toContain(`id="${id}"`);
    const ids = new Set([...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    const links = [...page.text.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(ids.size / 2);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
    const document = (await world.client().get('/openapi.json')).json as Document;
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(page.text.match(/<h4>Answers<\/h4>/g)).toHaveLength(all.length);
  });

  it('groups the page by family of clients, each with its credentials, and tells the bounds of what is sent', async () => {
    const { text } = await world.client().get('/docs');
    const after = (id: string) => text.slice(text.indexOf(`id="${id}"`));
    expect(after('api-fluxer').indexOf('register_account')).toBeLessThan(
      after('api-fluxer').indexOf('id="api-flecto"'),
    );
    const upTo = (id: string) => after(id).split('</section>')[0] ?? '';
    expect(upTo('register_account')).toContain('string, 8 to 256 characters');
    expect(upTo('register_account')).not.toContain('Needs');
    expect(upTo('get_current_user')).toContain('href="#credential-sessionToken"');
    expect(after('credentials')).toContain('X-Flux-Publishable-Key');
  });

  it('logs one JSON object a line with the route and never the path, query or body [M04, M05]', async () => {
    world.logLines.length = 0;
    await world.client().get('/v1/auth/reset/secret-in-the-path?and=secret-in-the-query');
    await world.client().send('/v1/auth/login', {
      method: 'POST',
      body: { email: 'someone@example.com', password: 'secret in the body' },
      headers: { 'x-request-id': 'mine-1' },
    });
    const lines = world.logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.filter(({ msg }) => msg === 'answered')).toHaveLength(2);
    expect(lines.some(({ reqId }) => reqId === 'mine-1')).toBe(true);
    expect(world.logLines.join('')).not.toMatch(/secret|someone@example/);
    expect(world.logLines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });
});
