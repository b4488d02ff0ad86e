/**
 * Owns projects: hard walls between sets of users, each with its settings and the keys that select it (Flux contract
 * FX-01 to FX-06). The default project is made at the first start; Fluxer's and Flecto's surfaces serve it. Does not own
 * any project's users, nor what a setting means to a method or a session.
 */

export { callbackUrlOf, issuerOf, jwksUriOf, signInUrlOf } from './addresses.ts';
export { deleteExpiredKeys, hadKeys, type ProjectKey } from './key-store.ts';
export { projectMigrations } from './migrations.ts';
export { createProjectChanges, type ProjectChanges } from './project-changes.ts';
export { createProjectKeys, MAX_OVERLAP_SECONDS, type ProjectKeys } from './project-keys.ts';
export {
  createProjectProviders,
  type ProjectProviders,
  type ProviderCredentials,
} from './project-providers.ts';
export { DEFAULT_SLUG, ensureDefaultProject, findProjectBySlug, type Project } from './project-store.ts';
export { createProjects, isSlug, type Projects, type SettingsChange } from './projects.ts';
export {
  isElsewhere,
  PROVIDERS,
  type ProviderId,
  type ProviderOptions,
  PUBLIC_ADDRESSES,
} from './provider-settings.ts';
export { ledBackTo, mayLeadTo, pagesReturnUrl } from './redirects.ts';
export { sessionLifeOf } from './session-life.ts';
export { LONGEST_SESSION_SECONDS, projectSettingsSchema } from './settings.ts';
