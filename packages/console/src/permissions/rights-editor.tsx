import { type ReactNode, useId } from 'react';
import { strings } from '../strings.ts';
import { AdminRowsTable } from './admin-rows-table.tsx';
import { AgentPreset } from './agent-preset.tsx';
import { type Draft, keyed } from './draft.ts';
import { ResourceRowsTable } from './resource-rows-table.tsx';
import { agentRows, newAdminRow, newResourceRow } from './rows.ts';

interface RightsEditorProps {
  value: Draft;
  onChange: (value: Draft) => void;
  title?: string;
  readOnly?: boolean;
  /** Between the title and the tables. */
  children?: ReactNode;
}

const { rights } = strings;

/** Both kinds of rows. They stay two tables: one row never has the words of the other. */
export function RightsEditor({
  value,
  onChange,
  title = rights.title,
  readOnly = false,
  children,
}: RightsEditorProps) {
  const titleId = useId();
  return (
    <section className="card card-padded rights" aria-labelledby={titleId}>
      <h2 id={titleId}>{title}</h2>
      {children}
      <h3>{rights.resources}</h3>
      <p className="field-hint muted">{rights.resourcesHint}</p>
      {!readOnly && (
        <AgentPreset
          onPress={(at) => {
            const added = agentRows(at, value.resources).map(keyed);
            onChange({ ...value, resources: [...value.resources, ...added] });
          }}
        />
      )}
      <ResourceRowsTable
        rows={value.resources}
        readOnly={readOnly}
        onChange={(resources) => onChange({ ...value, resources })}
        onAdd={() => onChange({ ...value, resources: [...value.resources, keyed(newResourceRow)] })}
      />
      <h3>{rights.admin}</h3>
      <p className="field-hint muted">{rights.adminHint}</p>
      <AdminRowsTable
        rows={value.admin}
        readOnly={readOnly}
        onChange={(admin) => onChange({ ...value, admin })}
        onAdd={() => onChange({ ...value, admin: [...value.admin, keyed(newAdminRow)] })}
      />
    </section>
  );
}
