import { describe, expect, it } from 'vitest';
import { type MailSite, renderMail } from './render.tsx';
import { isMailKind, mailStrings } from './strings.ts';

const SHOP: MailSite = {
  name: 'Shop',
  publicUrl: 'https://login.example.com',
  projectId: 'proj_1',
  isDefault: false,
  logoUrl: 'https://shop.example/logo.png?a=1&b="',
  color: '#ffee00',
};
const OWN: MailSite = { ...SHOP, name: 'Fluxgate', isDefault: true, logoUrl: null, color: null };
const ABOUT = {
  address: '192.0.2.1',
  place: 'Oslo',
  time: 'now',
  account: 'Ada',
  date: 'soon',
  provider: 'Google',
};
const VALUES = { ...ABOUT, token: 'SECRET' };

/** Pages of a project that take a mailed secret; all other links of its mails would be dead. */
const PAGES =
  /^https:\/\/login\.example\.com\/p\/proj_1\/(verify#flux_verify|reset#flux_reset|magic#flux_magic)=SECRET$/;
/** The one page that serves them all: a new place is approved where whoever waits for it is not. */
const SHARED = /^https:\/\/login\.example\.com\/authorize-ip#token=SECRET$/;

describe('a mail', () => {
  it.each(Object.keys(mailStrings).filter(isMailKind))(
    'of kind %s leads from a project to a page of its own, or nowhere',
    (kind) => {
      const { links, text, html } = renderMail(kind, VALUES, SHOP);
      const isShared = kind === 'ip_authorization';
      for (const link of links) expect(link).toMatch(isShared ? SHARED : PAGES);
      expect(text).not.toMatch(/\{\w+\}|Fluxgate/);
      if (!isShared) expect(text).not.toMatch(/https:\/\/login\.example\.com\/(?!p\/)/);
      expect(html.match(/href="/g) ?? []).toHaveLength(links.length);
      // A notice comes without a secret there, and speaks of no button.
      const notice = renderMail(kind, ABOUT, SHOP);
      expect(notice.links).toEqual([]);
      expect(notice.text).not.toContain('press the button');
    },
  );

  it.each(['email_verification', 'password_reset', 'magic_link'] as const)(
    'of kind %s leads to the page that the app named, from any project',
    (kind) => {
      for (const site of [SHOP, OWN]) {
        const { links, text } = renderMail(kind, VALUES, site, 'https://shop.example/in?x=1');
        expect(links).toEqual([expect.stringMatching(/^https:\/\/shop\.example\/in\?x=1#flux_\w+=SECRET$/)]);
        expect(text).not.toContain('login.example.com');
      }
    },
  );

  it('to sign in by tells the code, and the secret in its link alone', () => {
    const { text, token, subject } = renderMail('magic_link', { ...VALUES, code: '012345' }, SHOP);
    expect(text).toMatch(/^012345$/m);
    expect(text.match(/SECRET/g)).toHaveLength(1);
    expect([token, subject]).toEqual(['SECRET', 'Sign in to Shop']);
  });

  it.each([
    ['#ffee00', '#000000'],
    ['#FFFFFF', '#000000'],
    ['#777777', '#000000'],
    ['#4f46e5', '#ffffff'],
    ['#000000', '#ffffff'],
    ['#d00000', '#ffffff'],
  ])('has a button of the colour %s with text that can be read on it', (color, readable) => {
    const { html } = renderMail('password_reset', VALUES, { ...SHOP, color });
    expect(html).toContain(`background:${color};color:${readable};`);
  });

  it("shows the project's logo and name, whatever stands in them, and takes neither for markup [L02]", () => {
    const { html } = renderMail('password_reset', VALUES, { ...SHOP, name: '<script>{token}</script>' });
    expect(html).toContain('src="https://shop.example/logo.png?a=1&amp;b=&quot;"');
    expect(html).not.toContain('<script');
    expect(html.match(/SECRET/g)).toHaveLength(2);
  });
});
