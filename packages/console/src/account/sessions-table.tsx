import type { Session } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Badge, Button, Table } from '../ui/index.ts';
import { describeDevice, describePlace } from './describe-session.ts';

const { columns } = strings.sessions;

interface SessionsTableProps {
  sessions: readonly Session[];
  /** Null for who may not. */
  onEnd: ((session: Session) => void) | null;
}

export function SessionsTable({ sessions, onEnd }: SessionsTableProps) {
  return (
    <Table
      caption={strings.sessions.caption}
      columns={[
        columns.device,
        columns.where,
        columns.opened,
        columns.lastUsed,
        columns.expires,
        ...(onEnd ? [{ title: columns.actions, isHidden: true }] : []),
      ]}
      className="sessions-table"
    >
      {sessions.map((session) => (
        <SessionRow key={session.id} session={session} onEnd={onEnd && (() => onEnd(session))} />
      ))}
    </Table>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: (() => void) | null }) {
  const device = describeDevice(session);
  return (
    <tr>
      <td className="cell-lead">
        <div className="stack">
          <span>
            <span className="strong">{device}</span>{' '}
            {session.current && <Badge tone="accent">{strings.sessions.current}</Badge>}
          </span>
          <span className="muted">{strings.sessions.surface[session.surface]}</span>
        </div>
      </td>
      <td data-label={columns.where}>
        <span className="wrap-anywhere">{describePlace(session)}</span>
      </td>
      <td data-label={columns.opened}>
        <Time iso={session.created_at} />
      </td>
      <td data-label={columns.lastUsed}>
        <Time iso={session.last_used_at} />
      </td>
      <td data-label={columns.expires}>
        <Time iso={session.expires_at} />
      </td>
      {onEnd && (
        <td className="cell-actions">
          <Button onClick={onEnd} aria-label={strings.sessions.endNamed(device)}>
            {strings.sessions.end}
          </Button>
        </td>
      )}
    </tr>
  );
}
