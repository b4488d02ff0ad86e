import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createWorld } from '../testing/index.ts';

it('lets a server stop though a browser holds a connection to spare [N09]', async () => {
  const world = await createWorld({ dialect: 'sqlite' });
  const { hostname, port } = new URL(world.baseUrl);
  const spare = connect(Number(port), hostname);
  await once(spare, 'connect');
  expect((await world.client().get('/v1/_health')).status).toBe(200);
  const startedAt = performance.now();
  await world.close();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  spare.destroy();
});
