import type { ResourceRow } from '../api/index.ts';
import { strings } from '../strings.ts';
import type { Keyed } from './draft.ts';
import { actionWords, codePattern, inNamespace, resourceText, resourceWords } from './rows.ts';
import { RowsTable } from './rows-table.tsx';
import { WordSelect } from './word-select.tsx';

const { rights } = strings;
const { columns } = rights;

interface ResourceRowsTableProps {
  rows: readonly Keyed<ResourceRow>[];
  readOnly: boolean;
  onChange: (rows: readonly Keyed<ResourceRow>[]) => void;
  onAdd: () => void;
}

export function ResourceRowsTable({ rows, readOnly, onChange, onAdd }: ResourceRowsTableProps) {
  const change = (changed: Keyed<ResourceRow>) =>
    onChange(rows.map((row) => (row.key === changed.key ? changed : row)));
  return (
    <RowsTable
      caption={rights.resources}
      heads={[columns.namespace, columns.project, columns.resource, columns.action]}
      rows={rows}
      textOf={resourceText}
      cellsOf={(row) => [row.namespace, row.project, row.resource, row.action]}
      readOnly={readOnly}
      addLabel={rights.addResource}
      onAdd={onAdd}
      onRemove={(key) => onChange(rows.filter((row) => row.key !== key))}
      fieldsOf={(row, number) => [
        <CodeField
          key="namespace"
          label={rights.cell(columns.namespace, number)}
          value={row.namespace}
          onChange={(namespace) => change(inNamespace(row, namespace))}
        />,
        <CodeField
          key="project"
          label={rights.cell(columns.project, number)}
          value={row.project}
          disabled={row.namespace === '*'}
          onChange={(project) => change({ ...row, project })}
        />,
        <WordSelect
          key="resource"
          label={rights.cell(columns.resource, number)}
          words={resourceWords}
          value={row.resource}
          onChange={(resource) => change({ ...row, resource })}
        />,
        <WordSelect
          key="action"
          label={rights.cell(columns.action, number)}
          words={actionWords}
          value={row.action}
          onChange={(action) => change({ ...row, action })}
        />,
      ]}
    />
  );
}

interface CodeFieldProps {
  label: string;
  value: string;
  disabled?: boolean;
  onChange: (value: string) => void;
}

function CodeField({ label, value, disabled = false, onChange }: CodeFieldProps) {
  return (
    <input
      className="input"
      aria-label={label}
      value={value}
      disabled={disabled}
      required
      pattern={codePattern}
      title={rights.codeHint}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
