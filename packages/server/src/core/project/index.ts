/**
 * Owns projects: hard walls between sets of users. Today there is the default project, which all surfaces serve;
 * its row carries what may differ from project to project. Does not own any project's users.
 */

export { projectMigrations } from './migrations.ts';
export { ensureDefaultProject, type Project } from './project-store.ts';
