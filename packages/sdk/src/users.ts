import type { Calls } from './calls.ts';
import { FluxError } from './errors.ts';
import type { WireUser } from './wire.ts';

/** A user as the project has them, whoever asks. */
export interface FluxAccount {
  id: string;
  email: string | null;
  emailVerified: boolean;
  orgId: string | null;
  /** ISO 8601. */
  createdAt: string;
  /** Whether this user must show a second factor, whatever the project demands. */
  mfaRequired: boolean;
  /** `active`, or why not. */
  status: string;
}

type WireAccount = WireUser & { mfa_required: boolean; status: string };

/** With the secret key. */
export interface Users {
  /** Rejects with `not_found`. */
  get(id: string): Promise<FluxAccount>;
  /** From now on, in sessions there are already too; taking it back does not lift what others demand. */
  setMfaRequired(id: string, isRequired: boolean): Promise<FluxAccount>;
}

export function createUsers(calls: Calls, onChanged: (id: string) => void): Users {
  return {
    async get(id) {
      const path = pathOfUser(id);
      return accountFrom(
        (await calls.ask<{ user: WireAccount }>({ method: 'GET', path, repeatable: true })).user,
      );
    },
    async setMfaRequired(id, isRequired) {
      const path = pathOfUser(id);
      const body = { mfa_required: isRequired };
      const { user } = await calls.ask<{ user: WireAccount }>({
        method: 'PATCH',
        path,
        body,
        repeatable: true,
      });
      onChanged(id);
      return accountFrom(user);
    },
  };
}

/**
 * Throws `FluxError` (`not_found`, `invalid_request`): an address in its place would ask for something else. So would a
 * number: an id has more digits than one holds, and what was rounded is somebody else's.
 */
export function pathOfUser(id: string): string {
  if (typeof id === 'string' && /^\d{1,20}$/.test(id)) return `/flux/v1/users/${id}`;
  const message = 'A user id is a decimal number as text: use user.id.';
  throw typeof id === 'string'
    ? new FluxError('not_found', message, { status: 404 })
    : new FluxError('invalid_request', message, { status: 400 });
}

function accountFrom(wire: WireAccount): FluxAccount {
  return {
    id: wire.id,
    email: wire.email,
    emailVerified: wire.email_verified === true,
    orgId: wire.org_id ?? null,
    createdAt: wire.created_at,
    mfaRequired: wire.mfa_required === true,
    status: wire.status,
  };
}
