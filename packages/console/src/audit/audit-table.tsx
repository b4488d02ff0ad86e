import type { AuditRecord } from '../api/index.ts';
import { strings } from '../strings.ts';
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
    <table className="table audit-table">
      <caption className="visually-hidden">{strings.audit.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.event}</th>
          <th scope="col">{columns.at}</th>
          {showWho && <th scope="col">{columns.who}</th>}
          <th scope="col" className="cell-how">
            {columns.how}
          </th>
          <th scope="col">{columns.from}</th>
          <th scope="col">
            <span className="visually-hidden">{columns.details}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <AuditRow key={record.id} record={record} showWho={showWho} projectId={projectId} />
        ))}
      </tbody>
    </table>
  );
}
