import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Table } from '../ui/index.ts';
import { AuditRow } from './audit-row.tsx';

const { columns } = strings.audit;

interface AuditTableProps {
  records: readonly AuditRecord[];
  showWho: boolean;
  /** Whose users the records are about; undefined for the administrators' own project. */
  projectId: string | undefined;
}

export function AuditTable({ records, showWho, projectId }: AuditTableProps) {
  return (
    <Table
      caption={strings.audit.caption}
      columns={[
        columns.event,
        columns.at,
        ...(showWho ? [columns.who] : []),
        { title: columns.how, className: 'cell-how' },
        columns.from,
        { title: columns.details, isHidden: true },
      ]}
      className="audit-table"
    >
      {records.map((record) => (
        <AuditRow key={record.id} record={record} showWho={showWho} projectId={projectId} />
      ))}
    </Table>
  );
}
