import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import { createWorld, type RequestOptions, type World } from '../../testing/index.ts';
import { createPasskeyClient } from '../../testing/passkey-client.ts';

const WEB_APP = 'https://app.example.org';
const PHONE_APP = 'android:apk-key-hash:sYUC8p5I9SxqFernBPHmDxz_YVZXmVJdW8S-m3RTTqY';

describe('passkeys of an operator with a web app of its own', () => {
  let world: World;
  let kit: ReturnType<typeof createPasskeyClient>;
  beforeAll(async () => {
    world = await createWorld({
      dialect: 'sqlite',
      env: {
        FLUXGATE_PUBLIC_URL: 'https://login.example.org',
        FLUXGATE_AUTH_PASSKEYS_RP_NAME: 'Acme',
        FLUXGATE_AUTH_PASSKEYS_RP_ID: 'example.org',
        FLUXGATE_AUTH_PASSKEYS_ADDITIONAL_ALLOWED_ORIGINS: `${WEB_APP},${PHONE_APP}`,
      },
    });
    kit = createPasskeyClient(world);
  });
  afterAll(() => world.close());

  it.each([
    ['the server itself', 'https://login.example.org', true],
    ['the web app', WEB_APP, true],
    ['the app of the phone', PHONE_APP, true],
    ['another app below the same domain', 'https://blog.example.org', false],
    ['the address it listens on', 'http://localhost:8080', false],
  ])('are made and used from %s, and only where it is named [C02]', async (_place, origin, isNamed) => {
    const person = await kit.newPerson();
    const options = await kit.optionsFor(person);
    expect(options).toMatchObject({ rp: { name: 'Acme', id: 'example.org' } });
    const honest = kit.authenticator({ rpId: 'example.org', origin: WEB_APP });
    decode.empty(await kit.register(person, { with: honest }));
    const device = kit.authenticator({ rpId: 'example.org', origin });
    const made = await kit.register(person, { with: device });
    if (isNamed) decode.empty(made);
    else expect(refusal(made)).toBe('400 INVALID_WEBAUTHN_CREDENTIAL');

    const asked = await world.client().post('/v1/auth/webauthn/authentication-options');
    const request = asked.json as RequestOptions & { rpId: string };
    expect(request.rpId).toBe('example.org');
    const response = honest.assert(request, { clientData: { origin } });
    const { challenge } = request;
    const signedIn = await world.client().post('/v1/auth/webauthn/authenticate', { response, challenge });
    if (isNamed) expect(decode.token(signedIn).user_id).toBe(person.userId);
    else expect(refusal(signedIn)).toBe('401 PASSKEY_AUTHENTICATION_FAILED');
  });
});
