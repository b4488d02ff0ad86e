import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, refusal } from '../../testing/fluxer-decoder.ts';
import {
  type BrowserResponse,
  createWorld,
  DIALECTS,
  type RequestOptions,
  type Tampering,
  type World,
} from '../../testing/index.ts';
import { CREDENTIALS, createPasskeyClient } from '../../testing/passkey-client.ts';

const EVIL = 'x\r\n{"level":50,"msg":"forged"}\n\u001b[2J\u001b[31mred\u2028\u0000';
/** What ends a line or commands a terminal. */
const BREAKING = ['\r', '\0', '\u001b'];
const OPTIONS = '/v1/auth/webauthn/authentication-options';
const AUTHENTICATE = '/v1/auth/webauthn/authenticate';

/** Hostile in one field each, those that are signed and those that are not. */
const HOSTILE: Tampering[] = [
  ...['type', 'challenge', 'origin', 'crossOrigin', 'topOrigin', 'tokenBinding', EVIL].map((field) => ({
    clientData: { [field]: EVIL },
  })),
  { clientData: { tokenBinding: { status: EVIL } } },
  { clientDataText: EVIL },
  { rpId: EVIL },
  { fmt: EVIL, attStmt: new Map([[EVIL, EVIL]]) },
  { publicKey: (key) => void key.set(EVIL, EVIL) },
  { credentialId: Buffer.from(EVIL) },
  { authenticatorData: () => Buffer.from(EVIL.repeat(3)) },
  { attestationObject: () => Buffer.from(EVIL) },
  { signature: () => Buffer.from(EVIL) },
  ...['id', 'rawId', 'type', 'authenticatorAttachment', EVIL].map((field) => ({
    answer: (json: BrowserResponse) => void Object.assign(json, { [field]: EVIL }),
  })),
  ...['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle', EVIL].map(
    (field) => ({
      answer: ({ response }: BrowserResponse) => void Object.assign(response, { [field]: EVIL }),
    }),
  ),
  { answer: ({ response }) => void Object.assign(response, { transports: [EVIL] }) },
  { answer: (json) => void Object.assign(json, { clientExtensionResults: { [EVIL]: EVIL } }) },
];

describe.each(DIALECTS)('the log of passkeys on %s', (dialect) => {
  let world: World;
  let kit: ReturnType<typeof createPasskeyClient>;
  beforeAll(async () => {
    world = await createWorld({ dialect, env: { FLUXGATE_RATE_LIMITS: 'off' } });
    kit = createPasskeyClient(world);
  });
  afterAll(() => world.close());

  it('has one JSON object a line whatever a browser says, no challenge, and no error of ours [M05, M06, bug 74]', async () => {
    const person = await kit.newPerson();
    const device = kit.authenticator();
    const enrolled = kit.authenticator();
    decode.empty(await kit.register(person, { with: enrolled }));
    const secrets: string[] = [];
    const before = world.logLines.length;
    const taken: number[] = [];
    const names: string[] = [];
    for (const tampering of HOSTILE) {
      const creation = await kit.optionsFor(person);
      const body = { response: device.register(creation, tampering), challenge: creation.challenge };
      const registered = await kit.send(person, 'POST', CREDENTIALS, { ...body, name: EVIL });
      const request: RequestOptions = (await world.client().post(OPTIONS)).json;
      const response = enrolled.assert(request, tampering);
      const { challenge } = request;
      const signedIn = await world.client().post(AUTHENTICATE, { response, challenge });
      await world.client().post(AUTHENTICATE, { response, challenge: EVIL });
      secrets.push(creation.challenge, challenge);
      for (const reply of [registered, signedIn]) {
        if (reply.status === 200 || reply.status === 204) taken.push(reply.status);
        else expect(refusal(reply)).toMatch(/^(400 INVALID_WEBAUTHN_|401 PASSKEY_AUTHENTICATION_FAILED$)/);
        expect(reply.text).not.toContain('forged');
      }
      if (registered.status !== 204) continue;
      const made = (await kit.list(person.client)).find(({ id }) => id !== enrolled.credentials[0]?.id);
      names.push(made?.name ?? EVIL);
      decode.empty(await kit.send(person, 'DELETE', `${CREDENTIALS}/${made?.id}`));
    }
    // What is signed but unknown, and what is never read, harms nobody.
    expect(taken.length).toBeGreaterThan(4);
    expect(taken.length).toBeLessThan(HOSTILE.length);
    // Line ends are kept in texts (contract 0.3), commands to a terminal are not.
    expect(names.filter((name) => name.includes('\u001b') || name.includes('\0'))).toEqual([]);
    for (const method of ['PATCH', 'DELETE']) {
      // A NUL in a path is refused before any route; the rest of it reaches this one.
      const id = encodeURIComponent(EVIL.replaceAll('\0', ''));
      const reply = await kit.send(person, method, `${CREDENTIALS}/${id}`, {
        name: EVIL,
      });
      expect(refusal(reply)).toBe('404 UNKNOWN_WEBAUTHN_CREDENTIAL');
    }

    const lines = world.logLines.slice(before);
    expect(lines.length).toBeGreaterThan(HOSTILE.length * 4);
    for (const line of lines) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(BREAKING.filter((character) => line.includes(character))).toEqual([]);
      const { level, msg } = JSON.parse(line) as { level: unknown; msg: unknown };
      expect([msg, level]).not.toContain('forged');
      expect([50, 60, 'error', 'fatal']).not.toContain(level);
    }
    const all = lines.join('');
    for (const secret of secrets) expect(all).not.toContain(secret);
  });
});
