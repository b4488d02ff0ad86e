import { describe, expect, it } from 'vitest';
import { ledBackTo, mayLeadTo } from './redirects.ts';
import { projectSettingsSchema } from './settings.ts';

const settings = projectSettingsSchema.parse({
  redirect_urls: ['https://app.example.com/back', 'https://app.example.com/b?x=1'],
});

describe('where a browser may be led', () => {
  it.each([
    ['https://app.example.com/back', true],
    ['https://app.example.com/b?x=1', true],
    ['https://app.example.com/b', false],
    ['https://app.example.com/back/', false],
    ['https://app.example.com/back?x=1', false],
    ['https://app.example.com/back#x', false],
    ['https://APP.example.com/back', false],
    ['https://app.example.com:443/back', false],
    ['https://app.example.com/./back', false],
    ['https://app.example.com/%62ack', false],
    ['https://app.example.com.evil.example/back', false],
    ['https://app.example.com@evil.example/back', false],
    ['http://app.example.com/back', false],
    ['//app.example.com/back', false],
    ['/back', false],
    [' https://app.example.com/back', false],
    ['https://app.example.com/back\n', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('is the whole address as it was written down, so that %j: %s [FX-19]', (url, allowed) => {
    expect(mayLeadTo({ settings }, url)).toBe(allowed);
  });

  it('adds what is told, whatever it is made of, and keeps what was there', () => {
    expect(
      ledBackTo('https://app.example.com/b?x=1', { code: 'c', state: 'a&b=#c é', error: undefined }),
    ).toBe('https://app.example.com/b?x=1&code=c&state=a%26b%3D%23c+%C3%A9');
    expect(ledBackTo('https://app.example.com/b?code=old', { code: 'new' })).toBe(
      'https://app.example.com/b?code=new',
    );
  });
});
