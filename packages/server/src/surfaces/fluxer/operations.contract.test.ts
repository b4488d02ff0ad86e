import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../testing/index.ts';

const PAGE = new URL('../../../../../docs/fluxer-operations.md', import.meta.url);
const ROW = /^\|(?: (\d+) \|)? `(\w+)` \| (GET|POST|DELETE) `(\/v1[^`]+)` \| (?:`([\w.-]+)`|([^|`]+)) \|$/gm;

const rows = [...readFileSync(PAGE, 'utf8').matchAll(ROW)].map(
  ([, number, operation = '', method = '', path = '', test, later]) => ({
    number: number === undefined ? null : Number(number),
    operation,
    method,
    path,
    test: test ?? null,
    later: later ?? null,
  }),
);

describe('the page of operations', () => {
  let world: World;
  let paths: Record<string, Record<string, { operationId: string }>>;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
    ({ paths } = (await world.direct.get('/openapi.json')).json as { paths: typeof paths });
  });
  afterAll(() => world.close());

  it("names all 28, and the older documentation's paths", () => {
    const numbers = rows.flatMap(({ number }) => (number === null ? [] : [number]));
    expect(numbers).toEqual(Array.from({ length: 28 }, (_, index) => index + 1));
    expect(rows.length).toBeGreaterThanOrEqual(28 + 16);
    expect(rows.filter(({ later }) => later !== null).map(({ number }) => number)).toEqual([22, 23, 24]);
  });

  it.each(rows.filter(({ test }) => test !== null))(
    '$operation: $method $path is there, and $test drives it',
    ({ operation, method, path, test }) => {
      expect(paths[path]?.[method.toLowerCase()]?.operationId).toBe(operation);
      const file = new URL(`./${test}`, import.meta.url);
      expect(existsSync(file)).toBe(true);
      // A test writes what stands for a part of the path in its own way.
      const parts = path.split(/\{\w+\}/).filter((part) => part !== '/');
      const text = readFileSync(file, 'utf8');
      for (const part of parts) expect(text).toContain(part.replace(/\/$/, ''));
    },
  );

  it('does not claim what is not there', async () => {
    for (const { method, path } of rows.filter(({ later }) => later !== null))
      expect((await world.direct.send(path, { method })).status).toBe(404);
  });
});
