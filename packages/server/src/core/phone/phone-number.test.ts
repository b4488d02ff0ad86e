import { describe, expect, it } from 'vitest';
import { phoneNumber } from './phone-number.ts';

describe('a phone number', () => {
  it.each([
    ['+4915123456789', '+4915123456789', 'a mobile'],
    ['+49015123456789', '+4915123456789', 'the zero that is dialled inside Germany'],
    ['+49 151 2345-6789', '+4915123456789', 'blanks and hyphens'],
    ['+390612345678', '+390612345678', 'the zero that belongs to an Italian number'],
    ['+12025550123', '+12025550123', 'a number that may be either in America'],
    ['+5491123456789', '+5491123456789', 'an Argentinian mobile'],
    ['+4930123456', '+4930123456', 'a landline, some of which read messages out'],
  ])('%s is %s: %s [K01]', async (text, number) => {
    expect(await phoneNumber(text)).toBe(number);
  });

  it.each([
    ['+499001234567', 'premium'],
    ['+19005550199', 'premium'],
    ['+33899123456', 'premium'],
    ['+41840123456', 'shared cost'],
    ['+447640123456', 'a pager'],
    ['+447012345678', 'a personal number'],
    ['+18005550199', 'toll-free'],
    ['+882161234567', 'a satellite network'],
    ['+870773123456', 'a ship'],
    ['+4915', 'too short'],
    ['+49151234567890123', 'too long'],
    ['+999123456789', 'no country'],
    ['015123456789', 'not international'],
    ['+1', 'nothing'],
    ['', 'empty'],
    ['+49151<script>', 'markup'],
  ])('%s is sent no code: %s [K06]', async (text) => {
    expect(await phoneNumber(text)).toBeNull();
  });
});
