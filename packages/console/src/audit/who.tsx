import { Link } from '@tanstack/react-router';
import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';

/** The user the record is about, and whoever did it when that was somebody else. */
export function Who({ record, projectId }: { record: AuditRecord; projectId: string | undefined }) {
  const { user_id: userId, actor_id: actorId } = record;
  return (
    <span className="stack">
      {userId === null ? (
        <span className="muted">{strings.audit.nobody}</span>
      ) : (
        <UserLink id={userId} projectId={projectId} />
      )}
      {actorId !== null && actorId !== userId && (
        <span className="muted">
          {strings.audit.by} <ActorLink id={actorId} />
        </span>
      )}
    </span>
  );
}

interface UserLinkProps {
  id: string;
  /** Undefined for the administrators' own. */
  projectId?: string | undefined;
}

export function UserLink({ id, projectId }: UserLinkProps) {
  if (projectId !== undefined)
    return (
      <Link
        to="/projects/$projectId/users/$userId"
        params={{ projectId, userId: id }}
        className="wrap-anywhere"
      >
        <code>{id}</code>
      </Link>
    );
  return (
    <Link to="/users/$userId" params={{ userId: id }} className="wrap-anywhere">
      <code>{id}</code>
    </Link>
  );
}

/** Whoever else did it: an administrator, or an API token. */
export function ActorLink({ id }: { id: string }) {
  if (!id.startsWith('tok_')) return <UserLink id={id} />;
  return (
    <Link to="/settings/tokens/$tokenId" params={{ tokenId: id }} className="wrap-anywhere">
      <code>{id}</code>
    </Link>
  );
}
