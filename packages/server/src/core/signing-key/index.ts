/**
 * Owns the keys that sign the session tokens of Flux's wire: pairs for ES256, sealed with the instance key, published
 * before they sign and kept until everything they signed has ended (E08). Every node has the same, because they are
 * rows. Does not know what a token says.
 */
export { signingKeyMigrations } from './migrations.ts';
export { deleteEndedSigningKeys } from './signing-key-store.ts';
export { createSigningKeys, type SigningKeyListing, type SigningKeys } from './signing-keys.ts';
