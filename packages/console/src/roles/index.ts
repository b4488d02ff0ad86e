/** Owns the pages of named roles (Flecto contract A8): their rows and their members. */

export { NewRolePage } from './new-role-page.tsx';
export { RolePage } from './role-page.tsx';
export { RolesPage } from './roles-page.tsx';
