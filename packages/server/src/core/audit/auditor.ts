import type { Chance } from '../../chance.ts';
import { newId } from '../../crypto/index.ts';
import type { Transaction } from '../../storage/index.ts';
import type { Origin } from '../origin.ts';
import { insertAuditRecord } from './audit-store.ts';

export type AuditEvent =
  | 'instance.set-up'
  | 'registration.completed'
  | 'sign-in.succeeded'
  | 'sign-in.refused'
  | 'sign-in.needs-proof'
  | 'sign-in.needs-enrolment'
  | 'sign-in.needs-approval'
  | 'place.approved'
  | 'place.refused'
  | 'session.ended'
  | 'session.reused'
  | 'session.elevated'
  | 'session.elevation-refused'
  | 'session.stepped-up'
  | 'identity.joined'
  | 'contact.verified'
  | 'contact.added'
  | 'contact.removed'
  | 'factor.enrolled'
  | 'factor.removed'
  | 'factor.refused'
  | 'factor.renamed'
  | 'factor.renewed'
  | 'factor.shown'
  | 'phone.code-sent'
  | 'contact.change-refused'
  | 'contact.changed'
  | 'contact.bounced'
  | 'recovery.requested'
  | 'recovery.completed'
  | 'recovery.reverted'
  | 'notice.disowned'
  | 'notice.device-added'
  | 'notice.device-removed'
  | 'password.change-refused'
  | 'password.changed'
  | 'profile.changed'
  | 'places.forgotten'
  | 'handoff.completed'
  | 'handoff.refused'
  | 'handoff.fetched'
  | 'handoff.cancelled'
  | 'user.created'
  | 'user.suspended'
  | 'user.restored'
  | 'user.suspected'
  | 'user.factor-demanded'
  | 'user.factor-not-demanded'
  | 'user.disabled'
  | 'user.leaving'
  | 'user.reopened'
  | 'user.deleted'
  | 'token.created'
  | 'token.changed'
  | 'token.deleted'
  | 'role.created'
  | 'role.changed'
  | 'role.deleted'
  | 'role.member-added'
  | 'role.member-removed'
  | 'user.rights-changed'
  | 'namespace.created'
  | 'namespace.changed'
  | 'namespace.deleted'
  | 'site.created'
  | 'site.changed'
  | 'site.deleted'
  | 'site.edited'
  | 'site.agent-deleted'
  | 'site.published'
  | 'project.created'
  | 'project.changed'
  | 'project-provider.changed'
  | 'project-provider.removed'
  | 'project-key.created'
  | 'project-key.rotated'
  | 'project-key.revoked'
  | 'signing-key.made';

/** Who did it: a person in a session, an API token, or the operator at the command line (no id, no origin). */
export interface Actor {
  userId: string | null;
  sessionId: string | null;
  origin: Origin | null;
  /** Of an API token, which is nobody's account. */
  token?: { id: string; name: string };
}

interface Entry {
  event: AuditEvent;
  projectId: string;
  /** Whom it happened to; null when nobody was found. */
  userId: string | null;
  actor: Actor;
  method?: string;
  outcome?: string;
  details?: Record<string, string | number | boolean | null>;
}

export interface Auditor {
  record(tx: Transaction, entry: Entry): Promise<void>;
}

/** Longest text kept of what a client says of itself. */
const MAX_USER_AGENT = 512;

export function createAuditor({ clock, random }: Chance): Auditor {
  return {
    async record(tx, { event, projectId, userId, actor, method, outcome, details }) {
      const at = clock();
      await insertAuditRecord(tx, {
        id: newId('aud', at, random),
        project_id: projectId,
        at,
        event,
        user_id: userId,
        actor_id: actor.token?.id ?? actor.userId,
        session_id: actor.sessionId,
        method: method ?? null,
        outcome: outcome ?? null,
        address: actor.origin?.address ?? null,
        user_agent: actor.origin?.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
        details: JSON.stringify({ ...details, ...(actor.token && { actor_token: actor.token.name }) }),
      });
    },
  };
}
