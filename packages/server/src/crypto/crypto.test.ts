import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  loadInstanceKey,
  newId,
  pooled,
  randomBase62,
  randomIndex,
  readInstanceKey,
  sameSecret,
  secretWithChecksum,
  tokenHash,
  weaknessOf,
} from './index.ts';

describe('chance', () => {
  it('draws again what would favour some over others', () => {
    // 248 and above are beyond the last whole multiple of 62 and must not become a letter.
    const bytes = [255, 250, 248, 247, 0, 61, 62];
    const random = (count: number) =>
      Uint8Array.from({ length: count }, (_, index) => bytes[index % bytes.length] ?? 0);
    expect(randomBase62(random, 4)).toBe('zzzz');
    // Of a die with 200 sides, 200 to 255 are drawn again.
    expect(randomIndex(() => Uint8Array.of(255, 200, 199), 200)).toBe(199);
  });

  it('spreads evenly over the alphabet', () => {
    const counts = new Map<string, number>();
    for (const letter of randomBase62(randomBytes, 62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(62);
    // Ten standard deviations of a fair draw (about 31 each) on either side of 1,000.
    expect(Math.min(...counts.values())).toBeGreaterThan(690);
    expect(Math.max(...counts.values())).toBeLessThan(1_310);
  });

  it('hands no byte of its pool out twice, and as many as are asked for', () => {
    const random = pooled(randomBytes);
    const drawn = [16, 4_000, 100, 4_096, 5_000, 16].map((count) => random(count));
    expect(drawn.map(({ length }) => length)).toEqual([16, 4_000, 100, 4_096, 5_000, 16]);
    const parts = drawn.flatMap((bytes) =>
      Array.from({ length: Math.floor(bytes.length / 8) }, (_, at) =>
        Buffer.from(bytes.subarray(at * 8, at * 8 + 8)).toString('hex'),
      ),
    );
    expect(new Set(parts).size).toBe(parts.length);
  });

  it('ends our own secrets in a checksum that a scanner can verify offline', () => {
    const secret = secretWithChecksum('fluxgate_session_', randomBytes);
    const [, body = '', checksum = ''] =
      /^(fluxgate_session_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/.exec(secret) ?? [];
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    const value = [...checksum].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
    expect(value).toBe(crc32(body));
  });

  it('makes ids that tell their kind and sort by time', () => {
    const ids = [1, 2, 3, 1_000, 2_000].map((offset) =>
      newId('sess', 1_700_000_000_000 + offset, randomBytes),
    );
    expect(ids.every((id) => /^sess_[0-9a-f]{32}$/.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('token hashes', () => {
  it('are the SHA-256 of the whole token, 43 characters', () => {
    // SHA-256 of "abc", FIPS 180-2 appendix B.1.
    const expected = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex');
    expect(tokenHash('abc')).toBe(expected.toString('base64url'));
  });

  it('compares secrets of any length without telling where they differ', () => {
    expect(sameSecret('a', 'a')).toBe(true);
    expect(sameSecret('a', 'b')).toBe(false);
    expect(sameSecret('a', 'a longer one')).toBe(false);
    expect(sameSecret('', 'a')).toBe(false);
  });
});

describe('the instance key', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'fluxgate-key-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it('is drawn again when it happens to look like a sample, which a start would refuse [M01]', () => {
    const unlucky = Buffer.from(`todo${'A'.repeat(39)}`, 'base64url');
    const draws = [unlucky, randomBytes(32)];
    const random = (size: number) => draws.shift() ?? randomBytes(size);
    const { fingerprint } = loadInstanceKey({ configured: undefined, dataDir }, random);
    expect(loadInstanceKey({ configured: undefined, dataDir }, randomBytes).fingerprint).toBe(fingerprint);
    expect(weaknessOf(`xxx${randomBytes(32).toString('base64url')}`)).toBeNull();
    expect(weaknessOf('x'.repeat(40))).toBe('sample');
  });

  it('is made once, for its owner alone, and is the same at the next start', () => {
    expect(readInstanceKey({ configured: undefined, dataDir }, randomBytes)).toBeNull();
    const made = loadInstanceKey({ configured: undefined, dataDir }, randomBytes);
    const again = loadInstanceKey({ configured: undefined, dataDir }, randomBytes);
    expect(again.fingerprint).toBe(made.fingerprint);
    expect(statSync(join(dataDir, 'instance.key')).mode & 0o777).toBe(0o600);
  });

  it('seals so that nothing can be read, moved to another purpose, or changed [M02]', () => {
    const key = loadInstanceKey({ configured: undefined, dataDir }, randomBytes);
    const sealed = key.seal('mail', 'the secret');
    expect(key.open('mail', sealed)).toBe('the secret');
    expect(sealed).not.toContain('secret');
    expect(key.seal('mail', 'the secret')).not.toBe(sealed);
    expect(() => key.open('other', sealed)).toThrow();
    const bytes = Buffer.from(sealed, 'base64url');
    for (const at of [0, 12, bytes.length - 1]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => key.open('mail', changed.toString('base64url'))).toThrow();
    }
    const stranger = readInstanceKey({ configured: randomBytes(32).toString('hex'), dataDir }, randomBytes);
    expect(() => stranger?.open('mail', sealed)).toThrow();
  });

  it.each(['', '   ', 'short', 'changeme-changeme-changeme-changeme', 'a'.repeat(40), 'secret'.repeat(10)])(
    'refuses %j instead of starting with it [M01]',
    (configured) => {
      expect(() => readInstanceKey({ configured, dataDir }, randomBytes)).toThrow(/empty|sample/);
    },
  );

  it('refuses an emptied key file [M01]', () => {
    writeFileSync(join(dataDir, 'instance.key'), '\n');
    expect(() => readInstanceKey({ configured: undefined, dataDir }, randomBytes)).toThrow(/empty/);
  });
});
