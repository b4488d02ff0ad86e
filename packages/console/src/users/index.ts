/**
 * Owns the list of users: finding them by e-mail, name or id, making new ones, and how a user is named wherever one is
 * mentioned.
 */

export { Avatar } from './avatar.tsx';
export { displayName, handle } from './names.ts';
export { NewUserPage } from './new-user-page.tsx';
export { RolePicker } from './role-picker.tsx';
export { StatusBadge } from './status-badge.tsx';
export { UsersPage } from './users-page.tsx';
