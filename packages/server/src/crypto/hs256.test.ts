import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createHs256 } from './hs256.ts';

const KEY = Buffer.alloc(32, 7);
const signed = createHs256(KEY);
const encode = (text: string) => Buffer.from(text).toString('base64url');
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A token of any header, rightly signed with an HMAC under a key. */
function forged(header: string, payload: string, { key = KEY, hash = 'sha256' } = {}): string {
  const text = `${encode(header)}.${encode(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

describe('a text signed by HS256', () => {
  const token = signed.sign({ name: 'Ada ✓' });
  const [header = '', payload = '', signature = ''] = token.split('.');

  it('is opened by its key alone', () => {
    expect(JSON.parse(signed.open(token) ?? '')).toEqual({ name: 'Ada ✓' });
    expect(createHs256(Buffer.alloc(32, 8)).open(token)).toBeNull();
    expect(forged('{"alg":"HS256","typ":"JWT"}', JSON.stringify({ name: 'Ada ✓' }))).toBe(token);
  });

  it('has one header, whatever else a right signature could be put under [E01, E02, E03]', () => {
    const headers = [
      '{"alg":"none","typ":"JWT"}',
      '{"alg":"None"}',
      '{"alg":"","typ":"JWT"}',
      '{"typ":"JWT"}',
      '{"alg":"hs256","typ":"JWT"}',
      '{"alg":"RS256","typ":"JWT"}',
      '{"alg":"HS512","typ":"JWT"}',
      '{"typ":"JWT","alg":"HS256"}',
      '{"alg":"HS256"}',
      '{"alg":"HS256","typ":"at+jwt"}',
      '{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}',
      `{"alg":"HS256","typ":"JWT","kid":"' or 1=1"}`,
      '{"alg":"HS256","typ":"JWT","jwk":{"kty":"oct","k":"AAAA"}}',
      '{"alg":"HS256","typ":"JWT","jku":"https://evil.example/keys"}',
      '{"alg":"HS256","typ":"JWT","x5u":"https://evil.example/x5"}',
      '{"alg":"HS256","typ":"JWT","crit":["exp"],"exp":1}',
      '{"alg":"none","alg":"HS256","typ":"JWT"}',
      '{"alg":"HS256","typ":"JWT","zip":"DEF"}',
    ];
    for (const one of headers) expect(signed.open(forged(one, '{}')), one).toBeNull();
    expect(signed.open(`${encode('{"alg":"none","typ":"JWT"}')}.${payload}.`)).toBeNull();
    for (const hash of ['sha384', 'sha512', 'sha1'])
      expect(signed.open(forged('{"alg":"HS256","typ":"JWT"}', '{}', { hash })), hash).toBeNull();
    for (const key of [Buffer.alloc(0), Buffer.from('secret'), Buffer.from(KEY.toString('base64url'))])
      expect(signed.open(forged('{"alg":"HS256","typ":"JWT"}', '{}', { key }))).toBeNull();
  });

  it('has one spelling: no padding, no stray bits or characters, no part more or less [E07]', () => {
    const last = ALPHABET.indexOf(signature.at(-1) ?? '');
    const sameBytes = `${signature.slice(0, -1)}${ALPHABET[last ^ 1]}`;
    expect(Buffer.from(sameBytes, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    const spellings = [
      `${header}.${payload}.${sameBytes}`,
      `${token}=`,
      `${token}==`,
      `${token}.`,
      `.${token}`,
      `${token}.x`,
      `${token}.x.y`,
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}..${signature}`,
      `.${payload}.${signature}`,
      '..',
      '.',
      '',
      token.slice(0, -1),
      `${token}A`,
      token.toUpperCase(),
      token.toLowerCase(),
      token.replaceAll('_', '/').replaceAll('-', '+').concat('='),
      `${header}.${payload}=.${signature}`,
      `${header}.${payload.slice(0, -1)}.${signature}`,
    ];
    for (const one of spellings) expect(signed.open(one), one).toBeNull();
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      expect(signed.open(token.slice(0, at) + other + token.slice(at + 1)), String(at)).toBeNull();
    }
  });

  it('takes no payload that is spelled loosely, however well it is signed [E07]', () => {
    const loose = (part: string) => {
      const text = `${header}.${part}`;
      return `${text}.${createHmac('sha256', KEY).update(text).digest('base64url')}`;
    };
    expect(signed.open(loose(encode('{}')))).toBe('{}');
    for (const part of ['e30=', 'e31', 'e 30', 'e30\n', 'e', Buffer.from([0xff, 0xfe]).toString('base64url')])
      expect(signed.open(loose(part)), part).toBeNull();
  });
});
