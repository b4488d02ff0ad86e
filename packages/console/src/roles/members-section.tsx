import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { keys, type Member, membersQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import {
  Button,
  EmptyState,
  ErrorState,
  FormProblem,
  LoadMore,
  SkeletonRows,
  Table,
  useNotice,
} from '../ui/index.ts';
import { displayName, handle } from '../users/index.ts';
import { AddMember } from './add-member.tsx';

const text = strings.roles;
const { memberColumns: columns } = text;

export function MembersSection({ code, readOnly }: { code: string; readOnly: boolean }) {
  const api = useAdminApi();
  const notify = useNotice();
  const may = useMay();
  const heading = useRef<HTMLHeadingElement>(null);
  const members = useInfiniteQuery(membersQuery(api, code));
  const remove = useConfirmedAction({
    run: async (member: Member) => {
      await api.removeMember(code, member.id);
      return member;
    },
    changes: [keys.members(code), keys.audit, keys.allRights, keys.me],
    onDone(member) {
      notify(text.removed(displayName(member)));
      // The pressed button goes away with its row.
      requestAnimationFrame(() => heading.current?.focus());
    },
  });
  const items = members.data?.pages.flatMap((page) => page.items) ?? [];

  return (
    <section className="section" aria-labelledby="members-title">
      <div className="section-heading">
        <h2 id="members-title" ref={heading} tabIndex={-1}>
          {text.members}
        </h2>
      </div>
      {!readOnly && may.administer('users', 'read') && <AddMember code={code} members={items} />}
      <FormProblem error={shownError(remove.error)} />
      <div className="card">
        {members.data === undefined ? (
          members.isError ? (
            <ErrorState
              error={members.error}
              onRetry={() => void members.refetch()}
              busy={members.isFetching}
            />
          ) : (
            <SkeletonRows count={2} />
          )
        ) : items.length === 0 ? (
          <EmptyState icon="users" title={text.members} body={text.noMembers} />
        ) : (
          <MembersTable
            members={items}
            isLinked={may.administer('users', 'read')}
            onRemove={readOnly ? null : (member) => !remove.isPending && remove.mutate(member)}
          />
        )}
      </div>
      {items.length > 0 && <LoadMore list={members} />}
    </section>
  );
}

interface MembersTableProps {
  members: readonly Member[];
  isLinked: boolean;
  onRemove: ((member: Member) => void) | null;
}

function MembersTable({ members, isLinked, onRemove }: MembersTableProps) {
  return (
    <Table
      caption={text.membersCaption}
      columns={[
        columns.user,
        columns.login,
        ...(onRemove ? [{ title: columns.actions, isHidden: true }] : []),
      ]}
    >
      {members.map((member) => (
        <tr key={member.id}>
          <td className="cell-lead">
            <span className="stack">
              {isLinked ? (
                <Link to="/users/$userId" params={{ userId: member.id }} className="wrap-anywhere">
                  {displayName(member)}
                </Link>
              ) : (
                <span className="wrap-anywhere">{displayName(member)}</span>
              )}
              <span className="muted wrap-anywhere">{handle(member)}</span>
            </span>
          </td>
          <td data-label={columns.login}>
            <span className="wrap-anywhere">{member.login_name ?? strings.common.none}</span>
          </td>
          {onRemove && (
            <td className="cell-actions">
              <Button aria-label={text.removeNamed(displayName(member))} onClick={() => onRemove(member)}>
                {text.remove}
              </Button>
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}
