import type { Clock } from '../../chance.ts';
import { AuthError } from '../../core/errors.ts';
import {
  callbackUrlOf,
  isElsewhere,
  type ProjectProviders,
  type ProviderCredentials,
  type ProviderId,
} from '../../core/project/index.ts';
import type { SocialAnswer, SocialProviders } from '../../core/social/index.ts';
import { ProviderUnavailableError } from '../../openid/index.ts';
import type { AskedProvider, Asking } from './asking.ts';
import { createGithub } from './github.ts';
import { createGoogle, createMicrosoft } from './openid-people.ts';

interface Dependencies {
  projectProviders: Pick<ProjectProviders, 'find'>;
  /** Without a slash at its end. */
  publicUrl: string;
  /** Providers' addresses may be on this machine. */
  isLocal: boolean;
  clock: Clock;
  systemClock: Clock;
  /** Told why nobody could be asked or was believed; carries no value out of a token. */
  onFailure(failure: { error: unknown }): void;
}

interface Known {
  by: string;
  asked: AskedProvider;
  /** As `callbackOf` of what is redeemed. */
  toldOf: string | null;
}

interface At {
  projectId: string;
  provider: ProviderId;
}

const MAKERS: Record<ProviderId, (credentials: ProviderCredentials, asking: Asking) => AskedProvider> = {
  google: createGoogle,
  github: createGithub,
  microsoft: createMicrosoft,
};
/** What each of these has learnt of its provider is learnt again when it is needed. */
const MAX_KEPT = 1_000;

export function createSocialProviders(deps: Dependencies): SocialProviders {
  const { projectProviders, publicUrl, isLocal, clock, systemClock, onFailure } = deps;
  const kept = new Map<string, Known>();

  /** As the project has it set up now; what was learnt by other credentials is forgotten. */
  async function knownAt({ projectId, provider }: At): Promise<Known> {
    const credentials = await projectProviders.find(projectId, provider);
    if (!credentials) throw new AuthError('sso-disabled');
    const name = `${projectId} ${provider}`;
    const by = JSON.stringify(credentials);
    const known = kept.get(name);
    if (known?.by === by) return known;
    const redirectUrl = callbackUrlOf(publicUrl, { projectId, provider, options: credentials.options });
    const asked = MAKERS[provider](credentials, { redirectUrl, isTrusted: isLocal, clock, systemClock });
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= MAX_KEPT) kept.delete(oldest);
    const made = { by, asked, toldOf: isElsewhere(provider, credentials.options) ? projectId : null };
    kept.set(name, made);
    return made;
  }

  async function available<T>({ provider }: At, asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof ProviderUnavailableError)) throw error;
      onFailure({ error: new Error(`The provider ${provider} could not be asked: ${error.message}.`) });
      throw new AuthError('sso-unavailable');
    }
  }

  return {
    async authorizationUrl(at, attempt) {
      const { asked } = await knownAt(at);
      return await available(at, asked.authorizationUrl(attempt));
    },
    async redeem({ callbackOf, ...at }, attempt, query) {
      const { asked, toldOf } = await knownAt(at);
      // Set up anew since the browser was sent: whoever is asked now may be another than gave the code.
      const word: SocialAnswer =
        toldOf === callbackOf
          ? await available(at, asked.redeem(attempt, query))
          : { outcome: 'refused', reason: 'an answer at the callback of another' };
      if (word.outcome === 'refused')
        onFailure({ error: new Error(`An answer of ${at.provider} was not believed: ${word.reason}.`) });
      return word;
    },
  };
}
