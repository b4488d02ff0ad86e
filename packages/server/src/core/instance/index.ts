/**
 * Owns what holds for the whole installation, whatever the project: today the fingerprint of the instance key,
 * so that a node with another key finds out before it writes anything, and whether
 * it has been set up.
 */
export { bindInstanceKey, claimSetUp, instanceMigrations, requireInstanceKey } from './instance.ts';
