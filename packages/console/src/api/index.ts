/**
 * Owns the conversation with the admin API: the shapes on the wire, how a refusal is read, and one function per call.
 * Any other client of `/admin/v1` could do the same; nothing here is private to the console. It knows nothing of React
 * beyond the query descriptions, and never decides what a screen shows.
 */

export { createAdminApi } from './admin-api.ts';
export type { AuthUserAddress, CreatedKey } from './auth-project-calls.ts';
export {
  authProjectQuery,
  authProjectsQuery,
  authSessionsQuery,
  authUserQuery,
  authUsersQuery,
  projectKeysQuery,
  signingKeysQuery,
} from './auth-project-queries.ts';
export {
  type AuthProject,
  type AuthProjectChange,
  type AuthProjectKey,
  type AuthProjectSettings,
  type AuthProjectSummary,
  type AuthUser,
  type AuthUserDetail,
  type MfaMethod,
  type Provider,
  type ProviderChange,
  type ProviderOptions,
  type SignInMethod,
  type SigningKey,
  signInMethods,
} from './auth-project-types.ts';
export { createClient } from './client.ts';
export { ApiProblem, isProblem } from './problem.ts';
export {
  type AuditFilter,
  agentsQuery,
  auditQuery,
  keys,
  membersQuery,
  meQuery,
  namespacesQuery,
  projectQuery,
  projectsQuery,
  rightsQuery,
  roleQuery,
  rolesQuery,
  sessionsQuery,
  tokenQuery,
  tokensQuery,
  userQuery,
  usersQuery,
} from './queries.ts';
export { createAppQueryClient } from './query-client.ts';
export type { ProjectAddress } from './site-calls.ts';
export type {
  AdminRow,
  Agent,
  ApiToken,
  AuditRecord,
  Email,
  Member,
  Namespace,
  Page,
  Permissions,
  Project,
  ProjectDetail,
  ResourceRow,
  Role,
  Session,
  SudoProof,
  User,
  UserRights,
} from './types.ts';
export { AdminApiProvider, useAdminApi } from './use-admin-api.ts';
