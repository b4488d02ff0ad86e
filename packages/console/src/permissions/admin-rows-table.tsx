import type { AdminRow } from '../api/index.ts';
import { strings } from '../strings.ts';
import type { Keyed } from './draft.ts';
import { actionWords, adminText, sectionWords } from './rows.ts';
import { RowsTable } from './rows-table.tsx';
import { WordSelect } from './word-select.tsx';

const { rights } = strings;
const { columns } = rights;

interface AdminRowsTableProps {
  rows: readonly Keyed<AdminRow>[];
  readOnly: boolean;
  onChange: (rows: readonly Keyed<AdminRow>[]) => void;
  onAdd: () => void;
}

export function AdminRowsTable({ rows, readOnly, onChange, onAdd }: AdminRowsTableProps) {
  const change = (changed: Keyed<AdminRow>) =>
    onChange(rows.map((row) => (row.key === changed.key ? changed : row)));
  return (
    <RowsTable
      caption={rights.admin}
      heads={[columns.section, columns.action]}
      rows={rows}
      textOf={adminText}
      cellsOf={(row) => [row.section, row.action]}
      readOnly={readOnly}
      addLabel={rights.addAdmin}
      onAdd={onAdd}
      onRemove={(key) => onChange(rows.filter((row) => row.key !== key))}
      fieldsOf={(row, number) => [
        <WordSelect
          key="section"
          label={rights.cell(columns.section, number)}
          words={sectionWords}
          value={row.section}
          onChange={(section) => change({ ...row, section })}
        />,
        <WordSelect
          key="action"
          label={rights.adminCell(columns.action, number)}
          words={actionWords}
          value={row.action}
          onChange={(action) => change({ ...row, action })}
        />,
      ]}
    />
  );
}
