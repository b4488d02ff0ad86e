import type { CDPSession, Page } from 'playwright-core';
import { PASSWORD } from './world.ts';

/** What Chromium plays an authenticator with: built in, keeps passkeys, verifies its owner. */
export interface PasskeyDevice {
  /** Makes a passkey for the owner of this token, over Fluxer's API and in this very browser. */
  register(token: string): Promise<void>;
  /** Whether somebody holds a finger on it; without, what is asked of it waits and is not asked again. */
  present(isThere: boolean): Promise<void>;
  /** Whether it knows the finger. */
  knows(isOwner: boolean): Promise<void>;
}

/** Plugs one into the page; the page must be of our own site before anything is registered. */
export async function plugInDevice(page: Page): Promise<PasskeyDevice> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async register(token) {
      const status = await page.evaluate<number>(
        `(${REGISTER})(${JSON.stringify({ token, password: PASSWORD })})`,
      );
      if (status !== 204) throw new Error(`The passkey was answered with ${status}.`);
    },
    async present(enabled) {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    async knows(isUserVerified) {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}

/** Runs in the page, as a text: the types here are the server's, not a browser's. */
const REGISTER = `async ({ token, password }) => {
  const path = '/v1/users/@me/mfa/webauthn/credentials';
  const send = (to, body) => fetch(to, {
    method: 'POST',
    headers: { authorization: token, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const options = await (await send(path + '/registration-options', { password })).json();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const response = (await navigator.credentials.create({ publicKey })).toJSON();
  return (await send(path, { response, challenge: options.challenge, name: 'Laptop', password })).status;
}`;
