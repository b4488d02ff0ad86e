import { crc32 } from 'node:zlib';

/** Where chance comes from; handed in, so that a test may fix it. */
export type RandomBytes = (count: number) => Uint8Array;

const POOL_BYTES = 4096;

/** The same chance, fetched for many uses at once: asking the operating system costs far more than the bytes. */
export function pooled(random: RandomBytes): RandomBytes {
  let pool = random(POOL_BYTES);
  let used = 0;
  return (count) => {
    if (count > POOL_BYTES) return random(count);
    if (used + count > POOL_BYTES) {
      pool = random(POOL_BYTES);
      used = 0;
    }
    // No byte is handed out twice: each pool is used once, front to back.
    used += count;
    return pool.subarray(used - count, used);
  };
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A whole number from 0 up to but without `bound` (at most 256), every one as likely as any other. */
export function randomIndex(random: RandomBytes, bound: number): number {
  // Bytes at and above the largest multiple of the bound would favour the small numbers, so they are drawn again.
  const fair = 256 - (256 % bound);
  for (;;) {
    for (const byte of random(16)) if (byte < fair) return byte % bound;
  }
}

/** `length` characters of base62: about 5.95 bits of chance each. */
export function randomBase62(random: RandomBytes, length: number): string {
  const fair = 256 - (256 % BASE62.length);
  let text = '';
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < fair && text.length < length) text += BASE62.charAt(byte % BASE62.length);
    }
  }
  return text;
}

/** A random UUID (RFC 9562, version 4): 122 bits of chance. */
export function randomUuid(random: RandomBytes): string {
  const bytes = Buffer.from(random(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * One of our own secrets: prefix, 43 random base62 characters (256 bits) and six characters of CRC32, so that a
 * secret scanner can tell a real one from look-alikes without asking anybody.
 */
export function secretWithChecksum(prefix: string, random: RandomBytes): string {
  const body = prefix + randomBase62(random, SECRET_LENGTH);
  return body + checksumOf(body);
}

/** Whether a text has the form of such a secret, its checksum included; says nothing of whether it was ever given out. */
export function hasChecksum(prefix: string, text: string): boolean {
  const length = prefix.length + SECRET_LENGTH;
  if (text.length !== length + CHECKSUM_LENGTH || !text.startsWith(prefix)) return false;
  return text.endsWith(checksumOf(text.slice(0, length)));
}

const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

function checksumOf(body: string): string {
  let rest = crc32(body);
  let checksum = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    checksum = BASE62.charAt(rest % 62) + checksum;
    rest = Math.floor(rest / 62);
  }
  return checksum;
}
