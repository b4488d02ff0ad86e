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

interface Operation {
  operationId: string;
  security?: Record<string, unknown>[];
  requestBody?: { required?: boolean };
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>;
}

describe('the page of operations', () => {
  let world: World;
  let paths: Record<string, Record<string, Operation>>;
  let schemas: Record<string, { properties: Record<string, unknown> }>;
  beforeAll(async () => {
    world = await createWorld({ dialect: 'sqlite' });
    const document = (await world.direct.get('/openapi.json')).json as {
      paths: typeof paths;
      components: { schemas: typeof schemas };
    };
    paths = document.paths;
    ({ schemas } = document.components);
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

  const described = (operation: string) => {
    const all = Object.values(paths).flatMap((methods) => Object.values(methods));
    const found = all.find(({ operationId }) => operationId === operation);
    if (!found) throw new Error(`No ${operation}.`);
    return found;
  };

  it('demands a session where contract 1.0 does, and nowhere else', () => {
    const guarded = rows.filter(
      ({ number, later, operation }) => number !== null && later === null && described(operation).security,
    );
    expect(guarded.map(({ operation }) => operation).sort()).toEqual([
      'list_auth_sessions',
      'logout_all_sessions',
      'logout_user',
      'resend_verification_email',
    ]);
    for (const { operation } of guarded)
      expect(described(operation).security).toEqual([{ sessionToken: [] }]);
  });

  it.each([
    'login_with_totp',
    'login_with_totp_by_seed_path',
    'login_with_sms_mfa',
    'login_with_sms_mfa_by_seed_path',
    'login_with_webauthn_mfa',
    'login_with_webauthn_mfa_by_seed_path',
    'authenticate_with_webauthn',
  ])('promises a session of %s and no other ticket', (operation) => {
    const schema = described(operation).responses['200']?.content?.['application/json']?.schema;
    expect(schema?.$ref).toBe('#/components/schemas/AuthTokenWithUserIdResponse');
  });

  it('demands a body only where an empty one would be refused', () => {
    for (const operation of ['forget_authorized_ips', 'remove_phone_from_account', 'verify_sudo'])
      expect(described(operation).requestBody, operation).toMatchObject({ required: false });
    for (const operation of ['login_user', 'authorize_ip_address', 'logout_all_sessions', 'verify_email'])
      expect(described(operation).requestBody, operation).toMatchObject({ required: true });
  });

  it('says what an address is where only an address is taken', () => {
    const address = { type: 'string', format: 'email' };
    expect(schemas['UserUpdateWithVerificationRequest']?.properties['email']).toMatchObject(address);
    for (const name of ['EmailChangeRequestNewRequest', 'EmailChangeBouncedRequestNewRequest'])
      expect(schemas[name]?.properties['new_email']).toMatchObject(address);
  });

  it('calls a stream of events one', () => {
    const { content = {} } = described('internal_events').responses['200'] ?? {};
    expect(Object.keys(content)).toEqual(['text/event-stream']);
  });

  it('does not claim what is not there', async () => {
    for (const { method, path } of rows.filter(({ later }) => later !== null))
      expect((await world.direct.send(path, { method })).status).toBe(404);
  });
});
