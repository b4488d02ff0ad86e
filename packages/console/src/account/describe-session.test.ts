import { expect, it } from 'vitest';
import { describeDevice, describePlace } from './describe-session.ts';

it.each([
  [{ browser: 'Firefox', os: 'Linux', platform: 'web' }, 'Firefox on Linux'],
  [{ browser: null, os: 'Android', platform: 'mobile' }, 'Android'],
  [{ browser: null, os: null, platform: 'desktop' }, 'desktop'],
  [{ browser: null, os: null, platform: null }, 'Unknown device'],
])('names the device of %j', (facts, name) => {
  expect(describeDevice(facts)).toBe(name);
});

it('names a place by whatever is known of it', () => {
  expect(describePlace({ address: '203.0.113.7', network: 'Example Net' })).toBe('203.0.113.7 · Example Net');
  expect(describePlace({ address: null, network: null })).toBe('Unknown');
});
