/**
 * Owns who may do what: rows of rights held by users, by named roles and by API tokens, and the one pure function that
 * reads them (Flecto contract A8). Does not know any route; surfaces declare what each of theirs needs.
 */

export { administratorsExist, grantAdministration, permissionsOfUser } from './access-store.ts';
export { keepingAdministrator } from './administrators.ts';
export type { ApiToken, TokenCursor } from './api-token-store.ts';
export { type ApiTokens, createApiTokens, type TokenSubject } from './api-tokens.ts';
export { requireMayGrant } from './granting.ts';
export {
  type Action,
  type AdminRow,
  type AdminSection,
  isAllowed,
  mayGrant,
  type Permissions,
  type ResourceQuestion,
  type ResourceRow,
} from './is-allowed.ts';
export { accessMigrations } from './migrations.ts';
export { permissionsInSession } from './named-roles.ts';
export { ACTIONS, MAX_ROWS, RESOURCES, ROW_CODE, SECTIONS } from './permission-rows.ts';
export type { Role } from './role-store.ts';
export { createRoles, type Roles } from './roles.ts';
export { createUserRights, type Rights, type UserRights } from './user-rights.ts';
