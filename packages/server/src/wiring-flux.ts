import type { Chance } from './chance.ts';
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
import { createStepUps } from './core/step-up/index.ts';
import type { Sealer } from './crypto/index.ts';
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

type FluxDependencies = Parameters<typeof createReturnCodes>[0] &
  Parameters<typeof createMagicLinks>[0] &
  Parameters<typeof createMailboxes>[0] &
  Parameters<typeof createStepUps>[0] &
  Parameters<typeof createSessionFactors>[0];

/** What only Flux's API and the pages of its projects are served by; wired last, on everything else. */
export function wireFlux(deps: FluxDependencies) {
  return {
    returnCodes: createReturnCodes(deps),
    stepUps: createStepUps(deps),
    sessionFactors: createSessionFactors(deps),
    magicLinks: createMagicLinks(deps),
    mailboxes: createMailboxes(deps),
  };
}
