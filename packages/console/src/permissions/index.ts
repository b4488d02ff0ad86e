/**
 * Owns rows of permissions (Flecto contract A8): whether they allow something, how they are written, and the tables in
 * which they are edited, for users, roles and tokens alike. Shows or hides; the server decides.
 */

export { draftOf, permissionsOf } from './draft.ts';
export { mayAdminister } from './may.ts';
export { RightsEditor } from './rights-editor.tsx';
export { RightsSummary } from './rights-summary.tsx';
export { RoleRows } from './role-rows.tsx';
export { rowsBeyond } from './rows.ts';
export { SavedRights } from './saved-rights.tsx';
export { useMay } from './use-may.ts';
