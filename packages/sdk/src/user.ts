import type { WireSession, WireSignedIn, WireUser } from './wire.ts';

/** One sign-in of a user on a device. Instants are ISO 8601 in UTC. */
export class FluxSession {
  readonly id: string;
  readonly userId: string;
  readonly orgId: string | null;
  /** Whether two factors were shown in this session. */
  readonly mfaVerified: boolean;
  /** Whether a second factor is still owed: send the user on to show it. */
  readonly mfaRequired: boolean;
  /** `password`, `passkey`, `magic_link`, `google`, … */
  readonly authenticationMethod: string;
  readonly createdAt: string;
  /** When the session ends if it is not used again. */
  readonly expiresAt: string;
  readonly lastActiveAt: string;

  constructor(wire: WireSession) {
    this.id = wire.id;
    this.userId = wire.user_id;
    this.orgId = wire.org_id ?? null;
    this.mfaVerified = wire.mfa_verified === true;
    this.mfaRequired = wire.mfa_required === true;
    this.authenticationMethod = wire.authentication_method;
    this.createdAt = wire.created_at;
    this.expiresAt = wire.expires_at;
    this.lastActiveAt = wire.last_active_at;
  }

  /** The same as `mfaVerified`, as the other SDKs spell it. */
  get mfa_verified(): boolean {
    return this.mfaVerified;
  }

  /** The same as `mfaRequired`, as the other SDKs spell it. */
  get mfa_required(): boolean {
    return this.mfaRequired;
  }
}

/** Whose a verified token is. Its token shows up neither in JSON nor in a printed object: users get logged. */
export class FluxUser {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
  readonly orgId: string | null;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  readonly #session: FluxSession;
  readonly #token: string;

  constructor(wire: WireUser, session: FluxSession, token: string) {
    this.id = wire.id;
    this.email = wire.email;
    this.emailVerified = wire.email_verified === true;
    this.orgId = wire.org_id ?? null;
    this.createdAt = wire.created_at;
    this.#session = session;
    this.#token = token;
  }

  /** The session the token belongs to. */
  get session(): FluxSession {
    return this.#session;
  }

  /** The renewed token: give it back to the client in place of the one it sent. */
  get sessionToken(): string {
    return this.#token;
  }

  /** The same as `sessionToken`, as the other SDKs spell it. */
  get session_token(): string {
    return this.#token;
  }
}

export function userFrom({ user, session, token }: WireSignedIn): FluxUser {
  return new FluxUser(user, new FluxSession(session), token);
}
