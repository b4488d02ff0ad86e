import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type Reply, type World } from '../../testing/index.ts';

/** What is wrong is with what was sent, so the page must not tell people to wait for the server. */
function expectTold({ status, text }: Reply, told: { status: number; text: string }): void {
  expect(status).toBe(told.status);
  expect(text).toContain(told.text);
  expect(text).not.toContain('could not answer');
}

describe('what no form of ours sends', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
  });
  afterAll(() => world.close());

  it.each([
    ['application/json', '{"email":"ada@example.com"}', 415],
    ['text/plain', 'email=ada@example.com', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    ['application/x-www-form-urlencoded', `email=${'a'.repeat(100_000)}`, 413],
  ])('is refused as that: %s', async (type, body, status) => {
    const headers = { 'content-type': type, origin: world.client().baseUrl };
    const reply = await world.client().send('/login', { method: 'POST', body, headers });
    expectTold(reply, { status, text: 'What was sent cannot be read, so nothing was done.' });
  });

  it('and more forms than a hand can send: the page says that it was too many, and when to go on', async () => {
    const client = world.client();
    let reply = await client.form('/forgot', {});
    for (let sent = 1; sent < 300 && reply.status !== 429; sent++) reply = await client.form('/forgot', {});
    expectTold(reply, { status: 429, text: 'Too many forms came from your network.' });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await world.client().form('/forgot', {})).status).toBe(400);
  });
});
