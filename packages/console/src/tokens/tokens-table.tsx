import { Link } from '@tanstack/react-router';
import type { ApiToken } from '../api/index.ts';
import { RightsSummary } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time, TimeOrNever } from '../time/index.ts';
import { Button, Table } from '../ui/index.ts';
import { ExpiredBadge } from './expired-badge.tsx';

const text = strings.tokens;
const { columns } = text;

interface TokensTableProps {
  tokens: readonly ApiToken[];
  /** Null for who may not. */
  onDelete: ((token: ApiToken) => void) | null;
}

export function TokensTable({ tokens, onDelete }: TokensTableProps) {
  return (
    <Table
      caption={text.caption}
      columns={[
        columns.name,
        columns.preview,
        columns.permissions,
        columns.expires,
        columns.lastUsed,
        { title: columns.created, className: 'cell-minor' },
        { title: columns.updated, className: 'cell-minor' },
        ...(onDelete !== null ? [columns.actions] : []),
      ]}
      className="tokens-table"
    >
      {tokens.map((token) => (
        <TokenRow key={token.id} token={token} onDelete={onDelete} />
      ))}
    </Table>
  );
}

function TokenRow({ token, onDelete }: { token: ApiToken; onDelete: TokensTableProps['onDelete'] }) {
  return (
    <tr>
      <td className="cell-lead">
        <span className="identity-first">
          <Link
            to="/settings/tokens/$tokenId"
            params={{ tokenId: token.id }}
            className="identity-name wrap-anywhere"
          >
            {token.name}
          </Link>
          <ExpiredBadge expiresAt={token.expires_at} />
        </span>
      </td>
      <td data-label={columns.preview}>
        <code className="wrap-anywhere">{token.preview}</code>
      </td>
      <td data-label={columns.permissions}>
        <RightsSummary permissions={token.permissions} />
      </td>
      <td data-label={columns.expires}>
        <TimeOrNever iso={token.expires_at} never={text.never} />
      </td>
      <td data-label={columns.lastUsed}>
        <TimeOrNever iso={token.last_used_at} never={text.never} />
      </td>
      <td data-label={columns.created} className="cell-minor">
        <Time iso={token.created_at} />
      </td>
      <td data-label={columns.updated} className="cell-minor">
        <Time iso={token.updated_at} />
      </td>
      {onDelete !== null && (
        <td className="cell-actions">
          <Button
            variant="danger-quiet"
            aria-label={text.deleteNamed(token.name)}
            onClick={() => onDelete(token)}
          >
            {text.deleteShort}
          </Button>
        </td>
      )}
    </tr>
  );
}
