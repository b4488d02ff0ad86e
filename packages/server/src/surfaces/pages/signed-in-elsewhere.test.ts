import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../testing/index.ts';

describe('the sign-in page, after a sign-in elsewhere that came to nothing', () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
  });

  afterAll(() => world.close());

  const page = async (query: string) => (await world.client().get(`/login?${query}`)).text;

  it.each([
    ['error=invalid_state', 'begun in another browser'],
    ['error=user_inactive', 'This account is suspended.'],
    ['error=mfa_required', 'asks for a second step'],
    ['error=access_denied&error_description=Call+0900-1234', 'You could not be signed in there.'],
    ['error=constructor', 'You could not be signed in there.'],
    ['error=a&error=b', 'You could not be signed in there.'],
  ])('says why, to %s', async (query, words) => {
    expect(await page(query)).toContain(words);
  });

  it('tells who has landed where no app is, and keeps no token of theirs on the page', async () => {
    const secrets = 'access_token=eyJhbGci.one&refresh_token=eyJhbGci.two';
    const reply = await world.client().get(`/login/callback?${secrets}`);
    expect(reply.status).toBe(200);
    expect(reply.text).toContain('You are signed in');
    expect(reply.text).toContain('/assets/bare-address.js');
    expect(reply.text).not.toContain('eyJhbGci');
    expect(reply.headers.get('referrer-policy')).toBe('no-referrer');
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(world.logLines.join()).not.toContain('eyJhbGci');
  });

  it('says nothing that stands in the address', async () => {
    const text = await page('error=Call+0900-1234&error_description=Call+0900-1234');
    expect(text).not.toContain('0900');
    expect(await page('')).not.toContain('You could not be signed in there.');
  });
});
