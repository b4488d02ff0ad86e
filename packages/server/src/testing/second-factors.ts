import { randomBytes } from 'node:crypto';
import { HOTP, Secret } from 'otpauth';
import { type Authenticator, type CreationOptions, createAuthenticator } from './authenticator.ts';
import { decode } from './fluxer-decoder.ts';
import { PASSWORD, type World } from './world.ts';

export type Person = Awaited<ReturnType<World['person']>>;

export interface App {
  /** What it shows now, or some steps of 30 seconds away. */
  code(steps?: number): string;
  /** Six digits that are no code of it now. */
  wrong(): string;
  backupCodes: string[];
}

const STEP_MS = 30_000;
const SUDO = 'x-fluxer-sudo-mode-jwt';
const CREDENTIALS = '/v1/users/@me/mfa/webauthn/credentials';

/** Sets up second factors over Fluxer's API, as a client does. */
export function createFactorKit(world: World) {
  /** What an app that has this secret, in base32, shows now. */
  const codeOf = (secret: string) =>
    HOTP.generate({ secret: Secret.fromBase32(secret), counter: Math.floor(world.clock.now() / STEP_MS) });

  /** An authenticator app, switched on; the clock goes on a step, so that it shows a fresh code. */
  async function totp({ client }: Person): Promise<App> {
    const secret = new Secret({ buffer: new Uint8Array(randomBytes(20)).buffer });
    const code = (steps = 0) =>
      HOTP.generate({ secret, counter: Math.floor(world.clock.now() / STEP_MS) + steps });
    const body = { secret: secret.base32, code: code(), password: PASSWORD };
    const codes = decode.backupCodes(await client.post('/v1/users/@me/mfa/totp/enable', body));
    world.clock.advance(STEP_MS);
    const wrong = () => {
      const good = [-1, 0, 1].map(code);
      return ['000000', '111111', '222222', '333333'].find((one) => !good.includes(one)) ?? '';
    };
    return { code, wrong, backupCodes: codes.map((one) => one.code) };
  }

  /** Sudo mode by the app; the clock goes on a step. */
  async function sudo({ client }: Person, app: App): Promise<Record<string, string>> {
    const reply = await client.post('/v1/auth/sudo/verify', { mfa_method: 'totp', mfa_code: app.code() });
    decode.empty(reply);
    world.clock.advance(STEP_MS);
    return { [SUDO]: reply.headers.get(SUDO) ?? '' };
  }

  /** The newest code that was sent to a number. */
  const smsCode = async (phone: string) => (await world.newestMail(phone, 'sms_code')).token;

  /** A number, and codes to it as a second factor; the contract wants the app first. */
  async function sms(person: Person, app: App): Promise<string> {
    const { client } = person;
    const headers = await sudo(person, app);
    const phone = `+4915112${String(100000 + (randomBytes(4).readUInt32BE() % 900000))}`;
    decode.empty(await client.post('/v1/users/@me/phone/send-verification', { phone }));
    const verified = await client.post('/v1/users/@me/phone/verify', { phone, code: await smsCode(phone) });
    const { phone_token } = verified.json as { phone_token: string };
    decode.empty(await client.post('/v1/users/@me/phone', { phone_token }, headers));
    decode.empty(await client.post('/v1/users/@me/mfa/sms/enable', {}, headers));
    return phone;
  }

  async function passkey({ client }: Person, headers: Record<string, string> = {}): Promise<Authenticator> {
    const device = createAuthenticator({ rpId: 'localhost', origin: world.baseUrl });
    const password = PASSWORD;
    const begun = await client.post(`${CREDENTIALS}/registration-options`, { password }, headers);
    const options = begun.json as CreationOptions;
    const response = device.register(options);
    const { challenge } = options;
    decode.empty(await client.post(CREDENTIALS, { response, challenge, name: 'Key', password }, headers));
    return device;
  }

  return { codeOf, totp, sudo, sms, smsCode, passkey };
}
