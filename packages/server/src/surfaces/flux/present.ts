import type { Puzzle } from '../../captcha/index.ts';
import type { Event } from '../../core/events/index.ts';
import type { Project, ProjectProviders } from '../../core/project/index.ts';
import type { PasskeyListing } from '../../core/second-factor/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import type { FactorType } from '../../core/session-factor/index.ts';
import { owesFactor as coreOwesFactor } from '../../core/sign-in/index.ts';
import { eventFrame } from '../../http/index.ts';

/** RFC 8176; what it has no word for is left out. */
const REFERENCES: Record<string, string> = {
  password: 'pwd',
  registration: 'pwd',
  totp: 'otp',
  'sms-code': 'sms',
  passkey: 'hwk',
  'recovery-code': 'otp',
};

const METHODS: Record<string, string> = {
  registration: 'password',
  recovery: 'password',
  'magic-link': 'magic_link',
  'upstream-oidc': 'sso',
};

export function methodReferences({ methods, isMultiFactor }: LiveSession): string[] {
  const references = methods.flatMap((method) => REFERENCES[method] ?? []);
  return [...new Set([...references, ...(isMultiFactor ? ['mfa'] : [])])];
}

export function presentUser({ userId, email, userCreatedAt }: LiveSession) {
  return {
    id: userId,
    email: email?.address ?? null,
    email_verified: email?.verified ?? false,
    created_at: instant(userCreatedAt),
  };
}

/** FX-51: whether a second factor is owed still, so that nobody else need know the policy. */
export function owesFactor(
  session: LiveSession,
  { project, requireSecondFactor }: { project: Project; requireSecondFactor: boolean },
): boolean {
  return coreOwesFactor(session, {
    byInstance: requireSecondFactor,
    byProject: project.settings.mfa.required,
    byUser: session.isFactorDemanded,
    // Nobody belongs to an organization yet.
    byOrganization: false,
  });
}

/** `now`: the session has just been used, whatever its row says of it. */
export function presentSession(
  session: LiveSession,
  at: { project: Project; now: number; endsAt: number; requireSecondFactor: boolean },
) {
  const { id, userId, methods, isMultiFactor, createdAt } = session;
  const { now, endsAt } = at;
  const [first = 'password'] = methods;
  return {
    id,
    user_id: userId,
    mfa_verified: isMultiFactor,
    mfa_required: owesFactor(session, at),
    authentication_method: METHODS[first] ?? first,
    created_at: instant(createdAt),
    expires_at: instant(endsAt),
    last_active_at: instant(now),
  };
}

export function presentPasskey({ credentialId, name, createdAt, lastUsedAt }: PasskeyListing) {
  return {
    id: credentialId,
    name,
    created_at: instant(createdAt),
    last_used_at: lastUsedAt === null ? null : instant(lastUsedAt),
  };
}

type MethodsOn = Awaited<ReturnType<ProjectProviders['methodsOf']>>;

export function presentMagicLink({ attempt, expiresAt }: { attempt: string; expiresAt: number }) {
  return { attempt, expires_at: instant(expiresAt) };
}

export function presentSettings(
  { id, name, settings }: Project,
  {
    methods,
    puzzle,
    factorTypes,
    issuer,
    jwksUri,
  }: {
    methods: MethodsOn;
    puzzle: Puzzle | null;
    factorTypes: readonly FactorType[];
    issuer: string;
    jwksUri: string;
  },
) {
  const { mfa, session, branding } = settings;
  const { 'magic-link': magic_link, ...others } = methods;
  const { ttl_seconds, renew_after_seconds } = session;
  return {
    project: { id, name },
    issuer,
    jwks_uri: jwksUri,
    methods: { ...others, magic_link },
    mfa: { required: mfa.required, methods: [...factorTypes] },
    session: { ttl_seconds, renew_after_seconds },
    captcha: puzzle && { provider: puzzle.kind, site_key: 'siteKey' in puzzle ? puzzle.siteKey : null },
    branding,
  };
}

/** The listener was away for longer than events are kept. */
export const EVENTS_LOST = 'event: events.lost\ndata: {}\n\n';

export function presentGreeting(cursor: string): string {
  return eventFrame(cursor, 'stream.ready', {});
}

export function presentEvent(event: Event): string | null {
  switch (event.kind) {
    case 'user-changed':
      return eventFrame(event.id, 'user.changed', { user_id: event.userId });
    case 'sessions-ended': {
      const [first, ...more] = event.sessionIds;
      if (first === undefined) return null;
      return more.length === 0
        ? eventFrame(event.id, 'session.revoked', { user_id: event.userId, session_id: first })
        : eventFrame(event.id, 'user.sessions_revoked', {
            user_id: event.userId,
            session_ids: event.sessionIds,
          });
    }
    case 'session-replaced':
      // The row of the old one has ended in the same transaction; no session of this wire is ever replaced.
      return null;
    case 'project-changed':
      return eventFrame(event.id, 'project.changed', {});
    case 'keys-rotated':
      return eventFrame(event.id, 'keys.rotated', {});
  }
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
