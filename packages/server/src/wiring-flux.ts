import type { Chance } from './chance.ts';
import type { Config } from './config/index.ts';
import type { Auditor } from './core/audit/index.ts';
import type { Events } from './core/events/index.ts';
import { createMagicLinks, createMailboxes, type Mailboxes } from './core/magic-link/index.ts';
import {
  createProjectChanges,
  createProjectKeys,
  createProjectProviders,
  createProjects,
} from './core/project/index.ts';
import { createReturnCodes } from './core/return-code/index.ts';
import { createSessionFactors } from './core/session-factor/index.ts';
import { createSigningKeys } from './core/signing-key/index.ts';
import { createSocial, createSocialAttempts, createSocialIdentities } from './core/social/index.ts';
import { createStepUps } from './core/step-up/index.ts';
import type { Sealer } from './crypto/index.ts';
import { isLocalHost } from './http/index.ts';
import { createSocialProviders } from './methods/social/index.ts';
import type { Storage } from './storage/index.ts';

interface ProjectDependencies extends Chance {
  storage: Storage;
  sealer: Sealer;
  audit: Auditor;
  events: Events;
  /** Of the default project. */
  projectId: string;
  onBackgroundError(error: unknown): void;
}

/** Projects, what selects them and what signs for them: all that sessions and methods rest on. */
export function wireProjects(deps: ProjectDependencies) {
  const projects = createProjects(deps);
  const projectProviders = createProjectProviders(deps);
  const projectKeys = createProjectKeys(deps);
  const signingKeys = createSigningKeys(deps);
  return {
    projects,
    projectProviders,
    projectChanges: createProjectChanges({ storage: deps.storage, projects, projectProviders }),
    projectKeys,
    signingKeys,
    async close(): Promise<void> {
      projects.close();
      projectProviders.close();
      signingKeys.close();
      await projectKeys.close();
    },
  };
}

/** Methods are made before all that a proved mailbox changes, which rests on them. */
export function lateMailboxes(mailboxes: () => Mailboxes): Mailboxes {
  return {
    recognise: (...asked) => mailboxes().recognise(...asked),
    settle: (...proved) => mailboxes().settle(...proved),
  };
}

type SocialDependencies = Parameters<typeof createSocialAttempts>[0] &
  Parameters<typeof createSocialIdentities>[0] &
  Pick<Parameters<typeof createSocialProviders>[0], 'projectProviders' | 'systemClock'> & {
    config: Config;
    onSsoFailure(failure: { error: unknown }): void;
  };

/** What signing in at a project's providers needs, before there is a gate. */
export function wireSocial(deps: SocialDependencies) {
  const { publicUrl } = deps.config;
  return {
    socialAttempts: createSocialAttempts(deps),
    socialIdentities: createSocialIdentities(deps),
    socialProviders: createSocialProviders({
      ...deps,
      publicUrl,
      isLocal: isLocalHost(new URL(publicUrl).host),
      onFailure: deps.onSsoFailure,
    }),
  };
}

type FluxDependencies = Parameters<typeof createReturnCodes>[0] &
  Parameters<typeof createMagicLinks>[0] &
  Parameters<typeof createMailboxes>[0] &
  Parameters<typeof createStepUps>[0] &
  Parameters<typeof createSessionFactors>[0] &
  Omit<Parameters<typeof createSocial>[0], 'db' | 'returnCodes'>;

/** What only Flux's API and the pages of its projects are served by; wired last, on everything else. */
export function wireFlux(deps: FluxDependencies) {
  const returnCodes = createReturnCodes(deps);
  return {
    returnCodes,
    social: createSocial({ ...deps, db: deps.storage.db, returnCodes }),
    stepUps: createStepUps(deps),
    sessionFactors: createSessionFactors(deps),
    magicLinks: createMagicLinks(deps),
    mailboxes: createMailboxes(deps),
  };
}
