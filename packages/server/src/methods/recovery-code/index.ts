/**
 * Owns recovery codes: ten texts to keep on paper, each good once in place of any other second factor. They are
 * sealed rather than hashed, because their owner may ask to see them again. Is never owed by itself.
 */
export { recoveryCodeMigrations } from './migrations.ts';
export { createRecoveryCodeKeeper } from './recovery-code-keeper.ts';
export { createRecoveryCodeMethod } from './recovery-code-method.ts';
