import { ECDH } from 'node:crypto';
import webPush from 'web-push';
import { createGuardedPost } from './guarded-post.ts';
import type { VapidKeys } from './vapid-keys.ts';

/** What a browser gives out for one device of one person (W3C Push API). */
export interface PushSubscription {
  endpoint: string;
  /** The device's public key and shared secret, in base64url (RFC 8291). */
  p256dh: string;
  auth: string;
}

export interface PushSender {
  /** The server's own key, as browsers want it when they subscribe. */
  readonly publicKey: string;
  /** Whether it has the form of a subscription, at an address that may be asked. */
  accepts(subscription: PushSubscription): boolean;
  /** `gone` when the device no longer wants any; rejects when it may be tried again later. */
  send(subscription: PushSubscription, message: string): Promise<'sent' | 'gone'>;
}

interface Dependencies {
  keys: VapidKeys;
  /** Whom push services write to. */
  email: string;
  allowsLoopback: boolean;
}

const TIMEOUT_MS = 5_000;
/** How long a push service keeps a message for a device that is off. */
const KEPT_SECONDS = 86_400;
const POINT_BYTES = 65;
const AUTH_BYTES = 16;
/** Answers for a subscription that ended (RFC 8030, 7.3) or never was. */
const GONE = new Set([404, 410]);

export function createPushSender({ keys, email, allowsLoopback }: Dependencies): PushSender {
  const guarded = createGuardedPost({ allowsLoopback, timeoutMs: TIMEOUT_MS });
  const vapidDetails = { ...keys, subject: `mailto:${email}` };

  return {
    publicKey: keys.publicKey,
    accepts: ({ endpoint, p256dh, auth }) =>
      guarded.allows(endpoint) && isPoint(p256dh) && bytesOf(auth)?.length === AUTH_BYTES,
    async send({ endpoint, p256dh, auth }, message) {
      const { headers, body } = webPush.generateRequestDetails(
        { endpoint, keys: { p256dh, auth } },
        message,
        {
          vapidDetails,
          TTL: KEPT_SECONDS,
          contentEncoding: 'aes128gcm',
          urgency: 'high',
        },
      );
      const status = await guarded.post({ address: endpoint, headers, body });
      if (GONE.has(status)) return 'gone';
      // The address is a secret between browser and server: no error may tell it.
      if (status < 200 || status > 299) throw new Error(`The push service answered ${status}.`);
      return 'sent';
    },
  };
}

/** One spelling only, as browsers write it. */
function bytesOf(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text.replace(/={1,2}$/, '') ? bytes : null;
}

/** A point of the curve, uncompressed; any other would fail later, at every notice. */
function isPoint(text: string): boolean {
  const bytes = bytesOf(text);
  if (bytes?.length !== POINT_BYTES || bytes[0] !== 4) return false;
  try {
    ECDH.convertKey(bytes, 'prime256v1');
    return true;
  } catch {
    return false;
  }
}
