/**
 * Owns who: a user's row, the snowflake that names it, finding a user by identifier, suspending, suspecting, closing
 * and reopening, and that no id is ever given out twice.
 * Does not own how a user proves to be one (methods), what a user shows (profile) or how to reach one (contact).
 */
export { userMigrations } from './migrations.ts';
export { createSnowflakes, isSnowflake, type Snowflakes } from './snowflake.ts';
export { asksForMailboxAgain, SUSPICIONS, suspicionNames } from './suspicion.ts';
export { listUsers, type UserCursor } from './user-listing.ts';
export {
  closeUser,
  deleteOverdueUser,
  deleteUser,
  factorsFrom,
  findUser,
  holdUser,
  insertUser,
  keepUser,
  liftSuspension,
  listOverdueUsers,
  markPasswordChanged,
  markSeen,
  reopenUser,
  settleSuspicion,
  setUserFactors,
  type User,
  type UserStatus,
} from './user-store.ts';
export { createUsers, type Users } from './users.ts';
