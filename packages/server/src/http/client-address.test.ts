import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf, parseTrustedProxies } from './client-address.ts';

const LOOPBACK = parseTrustedProxies(['loopback']);
const CHAIN = parseTrustedProxies(['loopback', '10.0.0.0/8', '192.0.2.1', '2001:db8:ffff::/48']);
const NOBODY = parseTrustedProxies([]);

describe('the address of one client', () => {
  it.each([
    // Spellings of one IPv4 address.
    ['203.0.113.7', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['\t203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['0000:0000:0000:0000:0000:FFFF:CB00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]', '203.0.113.7'],
    // Spellings of one IPv6 address.
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0::1', '2001:db8::1'],
    ['2001:db8::0.0.0.1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['::1', '::1'],
    // What is no plain address ends the walk at the hop that brought it.
    ['', '127.0.0.1'],
    [' ', '127.0.0.1'],
    [',', '127.0.0.1'],
    [',,,', '127.0.0.1'],
    ['unknown', '127.0.0.1'],
    ['_hidden', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['203.0.113.7:4711', '127.0.0.1'],
    ['[2001:db8::1]:4711', '127.0.0.1'],
    ['203.0.113', '127.0.0.1'],
    ['203.0.113.7.1', '127.0.0.1'],
    ['203.0.113.256', '127.0.0.1'],
    ['203.0.113.-7', '127.0.0.1'],
    ['203.0.113.07', '127.0.0.1'],
    ['0313.0.0161.07', '127.0.0.1'],
    ['0xcb.0.0x71.7', '127.0.0.1'],
    ['0xcb007107', '127.0.0.1'],
    ['3405803783', '127.0.0.1'],
    ['203.0.113.7/32', '127.0.0.1'],
    ['2001:db8::1/64', '127.0.0.1'],
    ['2001:db8:::1', '127.0.0.1'],
    ['2001:db8::1::2', '127.0.0.1'],
    ['2001:db8', '127.0.0.1'],
    ['12345::1', '127.0.0.1'],
    ['203.0.113.7\u0000', '127.0.0.1'],
    ['203.0.113.７', '127.0.0.1'],
    ['for=203.0.113.7', '127.0.0.1'],
    ['"203.0.113.7"', '127.0.0.1'],
    ['203.0.113.7; DROP TABLE user', '127.0.0.1'],
    ['1'.repeat(100_000), '127.0.0.1'],
    [':'.repeat(100_000), '127.0.0.1'],
  ])('is read from %j as %s [D12, bug 61, bug 65]', (forwarded, expected) => {
    expect(clientAddress('127.0.0.1', { for: forwarded }, LOOPBACK)).toBe(expected);
  });

  it.each([
    ['nobody is trusted', '198.51.100.1', '203.0.113.7', NOBODY, '198.51.100.1'],
    ['the peer is a stranger', '198.51.100.1', '203.0.113.7', CHAIN, '198.51.100.1'],
    ['a stranger claims to be loopback', '198.51.100.1', '127.0.0.1', LOOPBACK, '198.51.100.1'],
    ['there is no header', '127.0.0.1', undefined, CHAIN, '127.0.0.1'],
    ['one trusted hop', '127.0.0.1', '203.0.113.7', CHAIN, '203.0.113.7'],
    ['a chain of trusted hops', '127.0.0.1', '203.0.113.7, 10.1.2.3, 192.0.2.1', CHAIN, '203.0.113.7'],
    ['a client that forged the front', '127.0.0.1', '1.2.3.4, 203.0.113.7, 10.1.2.3', CHAIN, '203.0.113.7'],
    [
      'a client that forged a trusted hop',
      '127.0.0.1',
      '1.2.3.4, 10.9.9.9, 203.0.113.7',
      CHAIN,
      '203.0.113.7',
    ],
    ['nothing but trusted hops', '127.0.0.1', '10.0.0.1, 10.0.0.2', CHAIN, '10.0.0.1'],
    ['rubbish behind a trusted hop', '127.0.0.1', 'rubbish, 10.0.0.2', CHAIN, '10.0.0.2'],
    ['rubbish last', '127.0.0.1', '203.0.113.7, rubbish', CHAIN, '127.0.0.1'],
    ['a trusted IPv6 hop', '127.0.0.1', '203.0.113.7, 2001:db8:ffff::9', CHAIN, '203.0.113.7'],
    [
      'an IPv6 hop that is not trusted',
      '127.0.0.1',
      '203.0.113.7, 2001:db8:fffe::9',
      CHAIN,
      '2001:db8:fffe::9',
    ],
    ['a v4-mapped peer', '::ffff:127.0.0.1', '203.0.113.7', CHAIN, '203.0.113.7'],
    ['a v4-mapped trusted hop', '127.0.0.1', '203.0.113.7, ::ffff:10.1.2.3', CHAIN, '203.0.113.7'],
    ['a peer with a zone', 'fe80::1%eth0', '203.0.113.7', CHAIN, 'fe80::1'],
    ['no peer', '', '203.0.113.7', CHAIN, '0.0.0.0'],
  ])('with %s is the last one that can be believed [I08]', (_what, peer, forwarded, proxies, expected) => {
    expect(clientAddress(peer, { for: forwarded }, proxies)).toBe(expected);
  });
});

describe('CF-Connecting-IP', () => {
  const CLOUDFLARE = parseTrustedProxies(['loopback'], { trustCfConnectingIp: true });
  const named = '203.0.113.9';
  const walked = '198.51.100.7';

  it.each([
    ['is believed of a trusted peer where it is switched on', '127.0.0.1', named, CLOUDFLARE, named],
    ['is not where it is switched off', '127.0.0.1', named, LOOPBACK, walked],
    ['is not of a stranger', '192.0.2.50', named, CLOUDFLARE, '192.0.2.50'],
    ['counts for nothing when malformed', '127.0.0.1', 'rubbish', CLOUDFLARE, walked],
    ['counts for nothing when sent twice', '127.0.0.1', `${named}, ${named}`, CLOUDFLARE, walked],
    ['may be missing', '127.0.0.1', undefined, CLOUDFLARE, walked],
    ['is read in one spelling', '127.0.0.1', '2001:DB8::0001', CLOUDFLARE, '2001:db8::1'],
  ])('%s [I08]', (_what, peer, cfConnectingIp, proxies, expected) => {
    expect(clientAddress(peer, { for: walked, cfConnectingIp }, proxies)).toBe(expected);
  });
});

describe('trusted_proxies', () => {
  it.each(['10.0.0.0/33', '10.0.0/8x', 'example.com', '', '2001:db8::/129', '10.0.0.1-10.0.0.9', '*'])(
    'refuses %j by name',
    (entry) => {
      expect(() => parseTrustedProxies([entry])).toThrow(`"${entry}"`);
    },
  );

  it('takes networks, addresses and the word loopback', () => {
    expect(CHAIN.networks).toHaveLength(5);
  });
});

describe('the network of an address', () => {
  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:0002:0::', '2001:db8:1:2::/64'],
    ['203.0.113.7', '203.0.113.0/24'],
    ['::ffff:203.0.113.7', '203.0.113.0/24'],
    ['rubbish', 'unknown'],
    ['', 'unknown'],
  ])('of %s is %s [D12]', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('differs between neighbouring /64 [D12]', () => {
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
  });
});
