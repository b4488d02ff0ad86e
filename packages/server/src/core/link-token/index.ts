/**
 * Owns the one-time secret behind a link that is mailed or printed: made, hashed, spent once. Contract 6.4:
 * 64 random alphanumerics (381 bits). Does not know what a link is for beyond its kind.
 */
export {
  createLinkToken,
  deleteExpiredLinkTokens,
  findLinkToken,
  holdLinkTokens,
  spendLinkToken,
  voidLinkTokens,
} from './link-token-store.ts';
export { linkTokenMigrations } from './migrations.ts';
