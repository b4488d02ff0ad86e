/** Owns the list of users: finding them by e-mail, name or id, and how a user is named wherever one is mentioned. */

export { Avatar } from './avatar.tsx';
export { displayName, handle } from './names.ts';
export { StatusBadge } from './status-badge.tsx';
export { UsersPage } from './users-page.tsx';
