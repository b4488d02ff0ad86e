import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, DIALECTS, type World } from '../../testing/index.ts';

const ENDLESS = 'x'.repeat(5_000);

describe.each(DIALECTS)('a password far longer than any on %s', (dialect) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect });
  });
  afterAll(() => world.close());

  it('is a wrong one at sign-in and where it confirms something, never a failure of ours', async () => {
    const { email, password } = await world.person();
    const refused = await world.client().form('/login', { email, password: ENDLESS });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('The address or the password is wrong.');
    const signedIn = await world.client().form('/login', { email, password });
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const fields = { which: 'others', password: ENDLESS };
    const confirmed = await world.client().form('/account/sessions', fields, { cookie });
    expect(confirmed.status).toBe(400);
    expect(confirmed.text).toContain('The password is wrong.');
  });
});
