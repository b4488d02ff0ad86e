/** Owns the pages of a project's users: finding one, what they sign in with, their sessions, and suspending them. */

export { ProjectUserPage } from './project-user-page.tsx';
export { ProjectUsersPage } from './project-users-page.tsx';
