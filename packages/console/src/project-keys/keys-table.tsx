import type { AuthProjectKey } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time, TimeOrNever } from '../time/index.ts';
import { Badge, Button, Table } from '../ui/index.ts';

const text = strings.projectKeys;
const { columns } = text;

type Ask = (what: 'rotate' | 'revoke', key: AuthProjectKey) => void;

interface KeysTableProps {
  projectKeys: readonly AuthProjectKey[];
  /** Null for who may not. */
  onAsk: Ask | null;
}

export function KeysTable({ projectKeys, onAsk }: KeysTableProps) {
  return (
    <Table
      caption={text.caption}
      columns={[
        columns.name,
        columns.kind,
        columns.preview,
        { title: columns.created, className: 'cell-minor' },
        columns.expires,
        columns.lastUsed,
        ...(onAsk ? [columns.actions] : []),
      ]}
      className="keys-table"
    >
      {projectKeys.map((key) => (
        <KeyRow key={key.id} projectKey={key} onAsk={onAsk} />
      ))}
    </Table>
  );
}

function KeyRow({ projectKey, onAsk }: { projectKey: AuthProjectKey; onAsk: Ask | null }) {
  const { name, kind, preview, status } = projectKey;
  return (
    <tr>
      <td className="cell-lead">
        <span className="identity-first">
          <span className="strong wrap-anywhere">{name}</span>
          <StatusBadge projectKey={projectKey} />
        </span>
      </td>
      <td data-label={columns.kind}>{text.kinds[kind]}</td>
      <td data-label={columns.preview}>
        <code className="wrap-anywhere">{preview}</code>
      </td>
      <td data-label={columns.created} className="cell-minor">
        <Time iso={projectKey.created_at} />
      </td>
      <td data-label={columns.expires}>
        <TimeOrNever iso={projectKey.expires_at} never={text.never} />
      </td>
      <td data-label={columns.lastUsed}>
        <TimeOrNever iso={projectKey.last_used_at} never={text.never} />
      </td>
      {onAsk && (
        <td className="cell-actions">
          {status === 'active' && (
            <span className="row-actions">
              {projectKey.replaced_by === null && (
                <Button aria-label={text.rotateNamed(name)} onClick={() => onAsk('rotate', projectKey)}>
                  {text.rotate}
                </Button>
              )}
              <Button
                variant="danger-quiet"
                aria-label={text.revokeNamed(name)}
                onClick={() => onAsk('revoke', projectKey)}
              >
                {text.revoke}
              </Button>
            </span>
          )}
        </td>
      )}
    </tr>
  );
}

function StatusBadge({ projectKey: { status, replaced_by } }: { projectKey: AuthProjectKey }) {
  if (status !== 'active') return <Badge tone="bad">{text.statuses[status]}</Badge>;
  return replaced_by === null ? null : <Badge tone="warning">{text.replaced}</Badge>;
}
