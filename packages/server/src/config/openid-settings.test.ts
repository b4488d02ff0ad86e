import { describe, expect, it } from 'vitest';
import { showConfig } from '../cli/index.ts';
import { freshFolder } from '../testing/index.ts';
import { loadConfig } from './index.ts';

const folder = freshFolder();
const load = (env: Record<string, string> = {}) =>
  loadConfig({ env: { FLUXGATE_DATA_DIR: folder(), ...env }, cwd: folder() });

const ON = {
  FLUXGATE_OPENID_ENABLED: 'on',
  FLUXGATE_OPENID_PROVIDER_URL: 'https://idp.example.com/realms/house/',
  FLUXGATE_OPENID_CLIENT_ID: 'fluxgate',
  FLUXGATE_OPENID_CLIENT_SECRET: 'b8ZsQ2-issued-by-the-provider',
};

describe('the OpenID provider', () => {
  it('is off until somebody switches it on', () => {
    expect(load().openidEnabled).toBe(false);
  });

  it('needs four things, and knows the rest by itself', () => {
    const config = load({ ...ON, FLUXGATE_PUBLIC_URL: 'https://login.example.com' });
    expect(config).toMatchObject({
      openidEnabled: true,
      // As written: a slash more or less is another issuer.
      openidProviderUrl: 'https://idp.example.com/realms/house/',
      openidRedirectUrl: 'https://login.example.com/auth/openid/callback',
      openidScopes: ['openid', 'profile', 'email'],
      openidRolesClaim: '',
    });
    expect(showConfig(config)).not.toContain('issued-by-the-provider');
  });

  it.each([
    ['openid email', ['openid', 'email']],
    ['openid,email', ['openid', 'email']],
    [' openid ,  groups ', ['openid', 'groups']],
  ])('takes scopes as %j', (text, scopes) => {
    expect(load({ ...ON, FLUXGATE_OPENID_SCOPES: text }).openidScopes).toEqual(scopes);
  });

  it('does not start half set up, and says what is missing', () => {
    expect(() => load({ FLUXGATE_OPENID_ENABLED: 'on' })).toThrow(
      'openid.enabled is on, but openid.provider_url and openid.client_id and openid.client_secret are not set.',
    );
    expect(() => load({ ...ON, FLUXGATE_OPENID_SCOPES: 'profile email' })).toThrow(
      'openid.scopes lacks the scope openid',
    );
  });

  it.each([
    [{ FLUXGATE_OPENID_PROVIDER_URL: 'http://idp.example.com' }, /PROVIDER_URL: use an https URL/],
    [{ FLUXGATE_OPENID_PROVIDER_URL: 'http://localhost.example.com' }, /PROVIDER_URL: use an https URL/],
    [{ FLUXGATE_OPENID_PROVIDER_URL: 'idp.example.com' }, /PROVIDER_URL: use an https URL/],
    [{ FLUXGATE_OPENID_PROVIDER_URL: 'https://a:b@idp.example.com' }, /PROVIDER_URL: use an https URL/],
    [{ FLUXGATE_OPENID_PROVIDER_URL: 'https://idp.example.com?a=b' }, /PROVIDER_URL: use an https URL/],
    [
      { FLUXGATE_OPENID_PROVIDER_URL: 'https://idp.example.com/.well-known/openid-configuration' },
      /without \/\.well-known/,
    ],
    [{ FLUXGATE_OPENID_CLIENT_SECRET: '' }, /CLIENT_SECRET: is set but empty/],
    [{ FLUXGATE_OPENID_CLIENT_SECRET: 'your-client-secret' }, /CLIENT_SECRET: is a sample value/],
    [{ FLUXGATE_OPENID_REDIRECT_URL: '/auth/openid/callback' }, /REDIRECT_URL: use a URL/],
    [{ FLUXGATE_OPENID_REDIRECT_URL: 'https://a.example.com/b?c' }, /REDIRECT_URL: use a URL/],
    [{ FLUXGATE_OPENID_ICON: 'javascript:alert(1)' }, /ICON: use google, keycloak, microsoft/],
  ])('refuses %j', (env, problem) => {
    expect(() => load({ ...ON, ...env })).toThrow(problem);
  });

  it('may stand on this machine without https', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      expect(load({ ...ON, FLUXGATE_OPENID_PROVIDER_URL: `http://${host}:9000/x` }).openidEnabled).toBe(true);
  });
});
