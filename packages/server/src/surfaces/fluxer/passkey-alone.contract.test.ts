import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  createFactorKit,
  createWorld,
  DIALECTS,
  PASSWORD,
  type RequestOptions,
  type World,
} from '../../testing/index.ts';

const NO_PASSKEY = '401 PASSKEY_AUTHENTICATION_FAILED';

describe.each(DIALECTS)('a sign-in by nothing but a passkey on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createFactorKit>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createFactorKit(world);
  });
  afterAll(() => world.close());

  const owed = async (email: string) =>
    decode.owedProof(await world.client().post('/v1/auth/login', { email, password: PASSWORD }));
  const options = async (path = '/v1/auth/webauthn/authentication-options'): Promise<RequestOptions> =>
    (await world.client().post(path)).json;
  const authenticate = (body: object) => world.client().post('/v1/auth/webauthn/authenticate', body);

  it('signs in, past password, second factor and place, because it shows two factors at once', async () => {
    const person = await world.person();
    const app = await kit.totp(person);
    const device = await kit.passkey(person, await kit.sudo(person, app));
    const asked = await options();
    expect(asked).not.toHaveProperty('allowCredentials');
    const response = device.assert(asked);
    const signedIn = decode.token(await authenticate({ response, challenge: asked.challenge }));
    expect(signedIn.user_id).toBe(person.userId);
    expect(refusal(await authenticate({ response, challenge: asked.challenge }))).toBe(NO_PASSKEY);
  });

  it('opens under the options path of seed 000 and by its name for the response', async () => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const asked = await options('/v1/auth/webauthn/authenticate/options');
    decode.token(await authenticate({ credential: device.assert(asked) }));
  });

  it('lets one of fifty in by one challenge [C01]', async () => {
    const device = await kit.passkey(await world.person());
    const asked = await options();
    const response = device.assert(asked);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => authenticate({ response, challenge: asked.challenge })),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 200))
      expect(refusal(reply)).toBe(NO_PASSKEY);
  });

  it('refuses whoever is suspended, and comes back to life who had left [bug 33]', async () => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const actor = { userId: null, sessionId: null, origin: null };
    const at = { projectId: world.instance.project.id, id: person.userId, actor };
    await world.instance.users.suspend({ ...at, reason: null });
    const first = device.assert(await options());
    expect(refusal(await authenticate({ response: first }))).toBe('403 ACCOUNT_SUSPENDED_PERMANENTLY');
    await world.instance.users.restore(at);
    decode.token(await authenticate({ response: device.assert(await options()) }));
  });

  it('takes a challenge of another ceremony for none [C01]', async () => {
    const person = await world.person();
    const device = await kit.passkey(person);
    const { ticket } = await owed(person.email);
    const path = '/v1/auth/login/mfa/webauthn/authentication-options';
    const second = (await world.client().post(path, { ticket })).json as RequestOptions;
    expect(refusal(await authenticate({ response: device.assert(second) }))).toBe(NO_PASSKEY);
    const first = device.assert(await options());
    const reply = await world.client().post('/v1/auth/login/mfa/webauthn', { ticket, response: first });
    expect(refusal(reply)).toBe(NO_PASSKEY);
  });
});
