import type { Transaction } from '../../storage/index.ts';
import type { Actor } from '../audit/index.ts';
import { AuthError } from '../errors.ts';
import { permissionsOfRole, permissionsOfUser } from './access-store.ts';
import { mayGrant, NO_PERMISSIONS, type Permissions } from './is-allowed.ts';
import { tokenRoleId } from './migrations.ts';
import { isActiveUser } from './role-store.ts';

/**
 * Nobody grants what they do not hold themselves at this very moment: read in the transaction of the grant, because
 * what a request was let in with may have been taken away since (E09). Throws `grant-exceeds-own`. The operator at the
 * command line, who is nobody here, holds the database and so everything.
 */
export async function requireMayGrant(tx: Transaction, actor: Actor, wanted: Permissions): Promise<void> {
  const held = await heldBy(tx, actor);
  if (held !== null && !mayGrant(held, wanted)) throw new AuthError('grant-exceeds-own');
}

async function heldBy(tx: Transaction, { userId, token }: Actor): Promise<Permissions | null> {
  if (token) return await permissionsOfRole(tx, tokenRoleId(token.id));
  if (userId === null) return null;
  // Somebody who was suspended meanwhile keeps their rows, and may use none of them.
  return (await isActiveUser(tx, userId)) ? await permissionsOfUser(tx, userId) : NO_PERMISSIONS;
}
