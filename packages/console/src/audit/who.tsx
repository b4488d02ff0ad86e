import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';

/** The user the record is about, and whoever did it when that was somebody else. */
export function Who({ record: { user_id: userId, actor_id: actorId } }: { record: AuditRecord }) {
  return (
    <span className="stack">
      {userId === null ? <span className="muted">{strings.audit.nobody}</span> : <UserLink id={userId} />}
      {actorId !== null && actorId !== userId && (
        <span className="muted">
          {strings.audit.by} <ActorLink id={actorId} />
        </span>
      )}
    </span>
  );
}

export function UserLink({ id }: { id: string }) {
  return (
    <Link to="/users/$userId" params={{ userId: id }} className="wrap-anywhere">
      <code>{id}</code>
    </Link>
  );
}

/** Whoever did it: a user, or an API token. */
export function ActorLink({ id }: { id: string }) {
  if (!id.startsWith('tok_')) return <UserLink id={id} />;
  return (
    <Link to="/settings/tokens/$tokenId" params={{ tokenId: id }} className="wrap-anywhere">
      <code>{id}</code>
    </Link>
  );
}
