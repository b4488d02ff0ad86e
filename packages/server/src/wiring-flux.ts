import type { Chance } from './chance.ts';
import type { Auditor } from './core/audit/index.ts';
import type { Events } from './core/events/index.ts';
import type { Phones } from './core/phone/index.ts';
import {
  createProjectChanges,
  createProjectKeys,
  createProjectProviders,
  createProjects,
  type Projects,
} from './core/project/index.ts';
import { createReturnCodes } from './core/return-code/index.ts';
import type { FactorChanges, SecondFactors, SmsKeeper, TotpKeeper } from './core/second-factor/index.ts';
import type { Sessions } from './core/session/index.ts';
import { createSessionFactors } from './core/session-factor/index.ts';
import type { Gate } from './core/sign-in/index.ts';
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

interface FluxDependencies extends Chance {
  storage: Storage;
  sessions: Sessions;
  projects: Projects;
  gate: Gate;
  phones: Phones;
  secondFactors: SecondFactors;
  changes: FactorChanges;
  totp: TotpKeeper;
  sms: SmsKeeper;
}

/** What only Flux's API and the pages of its projects are served by; wired last, on everything else. */
export function wireFlux(deps: FluxDependencies) {
  return {
    returnCodes: createReturnCodes(deps),
    stepUps: createStepUps(deps),
    sessionFactors: createSessionFactors(deps),
  };
}
