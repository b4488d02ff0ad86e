import { Link } from '@tanstack/react-router';
import type { ApiToken } from '../api/index.ts';
import { RightsSummary } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Button } from '../ui/index.ts';
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
    <table className="table tokens-table">
      <caption className="visually-hidden">{text.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.name}</th>
          <th scope="col">{columns.preview}</th>
          <th scope="col">{columns.permissions}</th>
          <th scope="col">{columns.expires}</th>
          <th scope="col">{columns.lastUsed}</th>
          <th scope="col" className="cell-minor">
            {columns.created}
          </th>
          <th scope="col" className="cell-minor">
            {columns.updated}
          </th>
          {onDelete !== null && <th scope="col">{columns.actions}</th>}
        </tr>
      </thead>
      <tbody>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onDelete={onDelete} />
        ))}
      </tbody>
    </table>
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
        <Maybe iso={token.expires_at} />
      </td>
      <td data-label={columns.lastUsed}>
        <Maybe iso={token.last_used_at} />
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

function Maybe({ iso }: { iso: string | null }) {
  return iso === null ? <span className="muted">{text.never}</span> : <Time iso={iso} />;
}
