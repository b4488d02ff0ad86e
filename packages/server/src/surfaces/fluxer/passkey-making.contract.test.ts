import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, DIALECTS, type Reply, type World } from '../../testing/index.ts';
import { CREDENTIALS, createPasskeyClient, type Elevated } from '../../testing/passkey-client.ts';

const MINUTE = 60_000;

describe.each(DIALECTS)('new passkeys on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createPasskeyClient>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createPasskeyClient(world);
  });
  afterAll(() => world.close());

  it('number ten at most, also when fifty are made at once', async () => {
    const person = await kit.newPerson();
    const all = await Promise.all(Array.from({ length: 50 }, () => kit.optionsFor(person)));
    const replies = await Promise.all(
      all.map((options) => {
        const response = kit.authenticator().register(options);
        return kit.send(person, 'POST', CREDENTIALS, { response, challenge: options.challenge, name: 'Key' });
      }),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(10);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 WEBAUTHN_CREDENTIAL_LIMIT_REACHED');
    }
    expect(await kit.list(person.client)).toHaveLength(10);
    expect(refusal(await kit.send(person, 'POST', `${CREDENTIALS}/registration-options`))).toBe(
      '400 WEBAUTHN_CREDENTIAL_LIMIT_REACHED',
    );
  });

  it('come of one challenge once, in fifty hands at once [B02, C01]', async () => {
    const person = await kit.newPerson();
    const options = await kit.optionsFor(person);
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => {
        const response = kit.authenticator().register(options);
        return kit.send(person, 'POST', CREDENTIALS, { response, challenge: options.challenge, name: 'Key' });
      }),
    );
    expect(replies.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const reply of replies.filter(({ status }) => status !== 204)) {
      expect(refusal(reply)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');
    }
    expect(await kit.list(person.client)).toHaveLength(1);
  });

  it('come of no challenge that is old, spent, made up, or of another session or person [C01, bug 7]', async () => {
    const [person, other] = [await kit.newPerson(), await kit.newPerson()];
    const { email, password } = person;
    const answer = (challenge: string, from: Pick<Elevated, 'client' | 'sudo'> = person) => {
      const response = kit.authenticator().register({ challenge, user: { id: 'AA' } });
      return kit.send(from, 'POST', CREDENTIALS, { response, challenge, name: 'Key' });
    };
    const expectRefused = (reply: Reply) => expect(refusal(reply)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');
    const { challenge } = await kit.optionsFor(person);
    expectRefused(await answer(challenge, other));
    const elsewhere = world.client(person.client.address);
    elsewhere.token = decode.token(await elsewhere.post('/v1/auth/login', { email, password })).token;
    const sudo = await kit.elevate(elsewhere, { password });
    expectRefused(await answer(challenge, { client: elsewhere, sudo }));
    expectRefused(await answer(Buffer.alloc(32, 7).toString('base64url')));
    decode.empty(await answer(challenge));
    expectRefused(await answer(challenge));
    const old = await kit.optionsFor(person);
    world.clock.advance(5 * MINUTE);
    expectRefused(await answer(old.challenge));
    const last = await kit.optionsFor(person);
    world.clock.advance(5 * MINUTE - 1);
    decode.empty(await answer(last.challenge));
    expect(await kit.list(person.client)).toHaveLength(2);
    expect(await kit.list(other.client)).toEqual([]);
  });

  it('are not made by a challenge whose first answer was wrong', async () => {
    const person = await kit.newPerson();
    const options = await kit.optionsFor(person);
    const device = kit.authenticator();
    for (const response of [device.register(options, { flags: { uv: false } }), device.register(options)]) {
      const body = { response, challenge: options.challenge, name: 'Key' };
      expect(refusal(await kit.send(person, 'POST', CREDENTIALS, body))).toBe(
        '400 INVALID_WEBAUTHN_CREDENTIAL',
      );
    }
    expect(await kit.list(person.client)).toEqual([]);
    expect(await kit.eventsOf(person.userId)).toEqual([
      'factor.refused passkey wrong',
      'factor.refused passkey challenge',
    ]);
  });

  it('leave nothing of a session that was ended while one was made', async () => {
    const person = await kit.newPerson();
    const { client, email, password, userId } = person;
    const session = await world.instance.sessions.find(client.token ?? '', 'fluxer');
    if (!session) throw new Error('No session.');
    const options = await kit.optionsFor(person);
    decode.empty(await world.client().post('/v1/auth/forgot', { email }));
    const { token } = await world.newestMail(email, 'password_reset');
    expect((await world.client().post('/v1/auth/reset', { token, password })).status).toBe(200);
    const origin = {
      address: '10.0.0.1',
      source: '10.0.0.1',
      network: '10.0.0.0',
      userAgent: null,
      isDesktop: false,
    };
    const { challenge } = options;
    const response = kit.authenticator().register(options);
    await expect(
      world.instance.passkeys.register({ session, challenge, response, name: 'Key', origin }),
    ).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(await world.instance.passkeys.list(userId)).toEqual([]);
    expect(await kit.eventsOf(userId)).toEqual([]);
  });
});
