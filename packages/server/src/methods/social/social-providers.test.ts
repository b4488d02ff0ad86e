import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callbackUrlOf, type ProviderId, type ProviderOptions } from '../../core/project/index.ts';
import { createGithubServer, type GithubServer } from '../../testing/index.ts';
import { createSocialProviders } from './social-providers.ts';

const SECRETS = { state: 'a state', nonce: 'a nonce', codeVerifier: 'v'.repeat(43) };

describe('the provider that is asked for what a browser brought back', () => {
  let github: GithubServer;
  beforeAll(async () => {
    github = await createGithubServer({ isCallback: () => true });
  });
  afterAll(() => github.close());

  function providersWith(options: ProviderOptions) {
    return createSocialProviders({
      projectProviders: { find: async () => ({ clientId: 'id', clientSecret: 'secret', options }) },
      publicUrl: 'https://auth.example.com',
      isLocal: true,
      clock: Date.now,
      systemClock: Date.now,
      onFailure: () => undefined,
    });
  }
  const redeem = async (options: ProviderOptions, callbackOf: string | null) => {
    const at = { projectId: 'proj_a', provider: 'github', callbackOf } as const;
    const { state } = SECRETS;
    const query = `?${new URLSearchParams({ code: 'of somebody else', state })}`;
    return await providersWith(options).redeem(at, SECRETS, query);
  };

  it('is nobody, where it was set up at another address since the browser left [FX-05, G01]', async () => {
    const before = github.asked.length;
    for (const callbackOf of [null, 'proj_b', '']) {
      const word = await redeem({ web_url: github.url }, callbackOf);
      expect(word).toMatchObject({ outcome: 'refused', reason: 'an answer at the callback of another' });
    }
    expect(github.asked).toHaveLength(before);
    await redeem({ web_url: github.url }, 'proj_a');
    expect(github.asked.length).toBeGreaterThan(before);
  });

  it.each<[ProviderId, ProviderOptions, boolean]>([
    ['google', {}, false],
    ['google', { issuer: 'https://accounts.google.com' }, false],
    ['google', { issuer: 'https://accounts.google.com/' }, false],
    ['google', { issuer: 'https://accounts.google.com.evil.example' }, true],
    ['google', { issuer: 'https://accounts.google.com@evil.example' }, true],
    ['github', {}, false],
    ['github', { web_url: 'https://github.com', api_url: 'https://api.github.com' }, false],
    ['github', { web_url: 'https://github.com', api_url: 'https://evil.example' }, true],
    ['github', { web_url: 'https://git.example.com' }, true],
    ['microsoft', { tenant: 'common' }, false],
    ['microsoft', { tenant: 'common', issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0' }, false],
    ['microsoft', { tenant: 'common', issuer: 'https://login.microsoftonline.us/{tenantid}/v2.0' }, true],
  ])('%s with %j has a callback of the project’s own: %s', async (provider, options, isOwn) => {
    const callback = callbackUrlOf('https://auth.example.com', { projectId: 'proj_a', provider, options });
    expect(callback).toBe(
      `https://auth.example.com/flux/v1${isOwn ? '/projects/proj_a' : ''}/oauth/${provider}/callback`,
    );
  });
});
