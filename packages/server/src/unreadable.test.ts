import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdminClient, Client, createFluxProject, createWorld, type World } from './testing/index.ts';

/** A way to write each surface's errors: what stands in every one, and the type that it is sent as. */
const problem = { type: 'application/problem+json; charset=utf-8', has: /"status":400/ };
const flux = { type: 'application/json; charset=utf-8', has: /^\{"error":\{"code":"\w+","message":/ };
const fluxer = { type: 'application/json; charset=utf-8', has: /^\{"code":"[A-Z_]+","message":/ };
const page = { type: 'text/html; charset=utf-8', has: /^<!DOCTYPE html>/i };

describe('what cannot be read', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
  });
  afterAll(() => world.close());

  /** As bytes: a client of ours would mend the address. */
  async function sent(path: string, init: RequestInit = {}) {
    const headers = { 'x-forwarded-for': new Client('').address, ...init.headers };
    return await fetch(world.baseUrl + path, { ...init, headers, redirect: 'manual' });
  }

  it.each([
    ['DELETE', '/flux/v1/passkeys/', flux],
    ['GET', '/admin/v1/users/', problem],
    ['GET', '/p/', page],
    ['GET', '/v1/auth/handoff/', fluxer],
  ] as const)('of an address is refused as everything else there is: %s %s', async (method, path, told) => {
    const rest = path === '/p/' ? '/sign-in' : path === '/v1/auth/handoff/' ? '/status' : '';
    for (const part of ['%zz', '%ff', '%ED%A0%80', '%00', 'a'.repeat(1_400)]) {
      const reply = await sent(path + part + rest, { method });
      const text = await reply.text();
      expect([reply.status, reply.headers.get('content-type'), text], part).toEqual([
        400,
        told.type,
        expect.stringMatching(told.has),
      ]);
      expect(reply.headers.get('x-request-id')).not.toBeNull();
      expect(reply.headers.get('content-security-policy')).not.toBeNull();
    }
    // Where nothing is, it is nothing, however it is written.
    expect((await sent(`${path}nothing/of/ours/%zz`, { method })).status).not.toBe(400);
  });

  it('of a body is refused: bytes that are no UTF-8, which would all be the same sign', async () => {
    const { keys } = await createFluxProject(world);
    const { cookie } = await AdminClient.ofSetup(world);
    const app = { 'x-flux-publishable-key': keys.publishable.plain };
    const admin = { cookie, origin: world.baseUrl };
    for (const [path, headers, told] of [
      ['/flux/v1/sign_in/password', app, /"error":\{"code":"invalid_request"/],
      ['/v1/auth/login', {}, /"code":"INVALID_FORM_BODY"/],
      ['/auth/login', {}, /"error":"invalid_request"/],
      ['/admin/v1/sudo', admin, /"status":400/],
    ] as const) {
      const body = Buffer.concat([Buffer.from('{"password":"a'), Buffer.of(0xff), Buffer.from('"}')]);
      const json = { 'content-type': 'application/json', ...headers };
      const reply = await sent(path, { method: 'POST', body, headers: json });
      expect([reply.status, await reply.text()], path).toEqual([400, expect.stringMatching(told)]);
    }
  });
});
