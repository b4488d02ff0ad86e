import {
  createDecipheriv,
  createECDH,
  createHmac,
  createPublicKey,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

type Behaviour = number | 'hang' | { redirectTo: string };

export interface PushDevice {
  /** What a browser's `PushSubscription.toJSON()` says. */
  subscription: { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } };
  path: string;
  /** What arrived, decrypted as RFC 8291 has it. */
  messages(): Record<string, string>[];
  raw(): Received[];
}

export type PushService = Awaited<ReturnType<typeof createPushService>>;

/** A push service on this machine that speaks RFC 8030, and the devices behind it. */
export async function createPushService() {
  const received: Received[] = [];
  const behaviours = new Map<string, Behaviour>();
  const hanging = new Set<ServerResponse>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { url: path = '', method = '', headers } = request;
    received.push({ path, method, headers, body: Buffer.concat(chunks) });
    const behaviour = behaviours.get(path) ?? 201;
    if (behaviour === 'hang') {
      hanging.add(response);
      return;
    }
    if (typeof behaviour === 'number') response.writeHead(behaviour).end('x'.repeat(1_000));
    else response.writeHead(307, { location: behaviour.redirectTo }).end();
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  return {
    origin,
    received,
    device(): PushDevice {
      const curve = createECDH('prime256v1');
      const p256dh = curve.generateKeys('base64url');
      const auth = randomBytes(16);
      const path = `/send/${randomBytes(24).toString('base64url')}`;
      const raw = () => received.filter((one) => one.path === path);
      return {
        subscription: {
          endpoint: origin + path,
          expirationTime: null,
          keys: { p256dh, auth: auth.toString('base64url') },
        },
        path,
        raw,
        messages: () =>
          raw().map(({ body }) => JSON.parse(opened(body, { curve, auth })) as Record<string, string>),
      };
    },
    /** What happens to whatever is sent to a device from now on. */
    behave(device: PushDevice, behaviour: Behaviour): void {
      behaviours.set(device.path, behaviour);
    },
    async close(): Promise<void> {
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();

/** RFC 8291, section 3.4, and the one record of RFC 8188 that a push message is. */
function opened(
  body: Buffer,
  { curve, auth }: { curve: ReturnType<typeof createECDH>; auth: Buffer },
): string {
  const salt = body.subarray(0, 16);
  const idLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + idLength);
  const record = body.subarray(21 + idLength);
  const secret = curve.computeSecret(sender);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), curve.getPublicKey(), sender]);
  const ikm = hmac(hmac(auth, secret), Buffer.concat([info, Buffer.from([1])]));
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  return padded.subarray(0, end).toString('utf8');
}

/** The claims of RFC 8292's header, once its signature was found good under the key it names. */
export function vapidClaims(header: string): { key: string; claims: Record<string, unknown> } {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header) ?? [];
  const [head = '', payload = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!good) throw new Error('The signature is not of the key that is named.');
  return { key, claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown> };
}
