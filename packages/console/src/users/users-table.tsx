import { Link } from '@tanstack/react-router';
import type { User } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time, TimeOrNever } from '../time/index.ts';
import { Badge, Table } from '../ui/index.ts';
import { Avatar } from './avatar.tsx';
import { displayName, handle } from './names.ts';
import { StatusBadge } from './status-badge.tsx';

const { columns } = strings.users;

export function UsersTable({ users }: { users: readonly User[] }) {
  return (
    <Table
      caption={strings.users.tableCaption}
      columns={[columns.user, columns.email, columns.status, columns.created, columns.lastSeen]}
      className="users-table"
    >
      {users.map((user) => (
        <UserRow key={user.id} user={user} />
      ))}
    </Table>
  );
}

function UserRow({ user }: { user: User }) {
  return (
    <tr className="row-link">
      <td className="cell-lead">
        <div className="identity">
          <Avatar user={user} />
          <div className="identity-text">
            <span className="identity-first">
              <Link to="/users/$userId" params={{ userId: user.id }} className="identity-name">
                {displayName(user)}
              </Link>
              {user.is_administrator && <Badge tone="accent">{strings.user.administrator}</Badge>}
            </span>
            <span className="muted identity-handle">{handle(user)}</span>
          </div>
        </div>
      </td>
      <td data-label={columns.email}>
        <EmailCell user={user} />
      </td>
      <td data-label={columns.status}>
        <StatusBadge status={user.status} />
      </td>
      <td data-label={columns.created}>
        <Time iso={user.created_at} />
      </td>
      <td data-label={columns.lastSeen}>
        <TimeOrNever iso={user.last_seen_at} never={strings.users.never} />
      </td>
    </tr>
  );
}

function EmailCell({ user }: { user: User }) {
  const email = user.emails.find(({ primary }) => primary) ?? user.emails[0];
  if (email === undefined) return <span className="muted">{strings.users.noEmail}</span>;
  return (
    <span className="wrap-anywhere">
      {email.address}
      {user.emails.length > 1 && (
        <span className="muted more-emails"> {strings.users.moreEmails(user.emails.length - 1)}</span>
      )}
    </span>
  );
}
