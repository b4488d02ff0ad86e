import type { Chance } from './chance.ts';
import type { Config } from './config/index.ts';
import type { Sealer } from './crypto/index.ts';
import type { DevMailbox } from './delivery/index.ts';
import { createPushSender, ensureVapidKeys } from './delivery/push/index.ts';
import { createDevVerifier, createTwilioVerifier, type SmsVerifier } from './delivery/sms/index.ts';
import { isLocalHost } from './http/index.ts';
import type { Storage } from './storage/index.ts';

interface Dependencies extends Chance {
  config: Config;
  storage: Storage;
}

/** Who sends codes by SMS: Twilio where it is configured, else the dev mailbox; null where there is neither. */
export function smsVerifierFor({
  config,
  devMailbox,
  ...deps
}: Dependencies & { devMailbox: DevMailbox | null }): SmsVerifier | null {
  const { smsAccountSid, smsAuthToken, smsVerifyServiceSid, siteName } = config;
  // Their being there when it is on was looked at when the settings were read.
  if (!config.smsEnabled || !smsAccountSid || !smsAuthToken || !smsVerifyServiceSid)
    return devMailbox && createDevVerifier({ ...deps, devMailbox, siteName });
  return createTwilioVerifier({
    baseUrl: config.smsApiBaseUrl,
    accountSid: smsAccountSid,
    authToken: smsAuthToken,
    serviceSid: smsVerifyServiceSid,
  });
}

/** Sends pushes, under the operator's own keys or else under those that this instance made and keeps. */
export async function pushSenderFor({
  config,
  storage,
  sealer,
  ...chance
}: Dependencies & { sealer: Sealer }) {
  const { vapidPublicKey: publicKey, vapidPrivateKey: privateKey, vapidEmail: email } = config;
  return createPushSender({
    keys:
      publicKey && privateKey
        ? { publicKey, privateKey }
        : await ensureVapidKeys({ ...chance, db: storage.db, sealer }),
    email,
    allowsLoopback: isLocalHost(new URL(config.publicUrl).host),
  });
}
