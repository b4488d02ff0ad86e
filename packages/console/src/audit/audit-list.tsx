import { useInfiniteQuery } from '@tanstack/react-query';
import { type AuditFilter, auditQuery, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { EmptyState, PagedList } from '../ui/index.ts';
import { AuditTable } from './audit-table.tsx';

interface AuditListProps {
  filter: AuditFilter;
  /** Off where every record is about the same user. */
  showWho: boolean;
}

export function AuditList({ filter, showWho }: AuditListProps) {
  const audit = useInfiniteQuery(auditQuery(useAdminApi(), filter));

  return (
    <PagedList
      list={audit}
      found={strings.audit.found}
      empty={<NoRecords isFiltered={showWho && (filter.event !== '' || filter.userId !== '')} />}
    >
      {(records) => <AuditTable records={records} showWho={showWho} projectId={filter.projectId} />}
    </PagedList>
  );
}

function NoRecords({ isFiltered }: { isFiltered: boolean }) {
  return isFiltered ? (
    <EmptyState icon="search" title={strings.audit.noMatchTitle} body={strings.audit.noMatchBody} />
  ) : (
    <EmptyState icon="log" title={strings.audit.emptyTitle} body={strings.audit.emptyBody} />
  );
}
