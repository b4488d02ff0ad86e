import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type ApiToken, keys, type Permissions, useAdminApi } from '../api/index.ts';
import { SavedRights } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { Button, Fact } from '../ui/index.ts';
import { DeleteTokenDialog } from './delete-token-dialog.tsx';

const text = strings.tokens;

export function TokenEditor({ token, readOnly }: { token: ApiToken; readOnly: boolean }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const { columns } = text;

  return (
    <div className="with-side">
      <SavedRights
        saved={token.permissions}
        readOnly={readOnly}
        save={async (permissions: Permissions) => {
          const changed = await api.replaceTokenPermissions(token.id, permissions);
          client.setQueryData(keys.token(token.id), changed);
          return changed.permissions;
        }}
        changes={[keys.tokens, keys.audit]}
      />
      <section className="card card-padded side" aria-labelledby="details-title">
        <h2 id="details-title">{text.details}</h2>
        <dl className="facts">
          <Fact name={columns.name}>{token.name}</Fact>
          <Fact name={columns.preview}>
            <code className="wrap-anywhere">{token.preview}</code>
          </Fact>
          <Fact name={text.expiration}>{timeOrNever(token.expires_at)}</Fact>
          <Fact name={columns.created}>
            <Time iso={token.created_at} withAbsolute />
          </Fact>
          <Fact name={text.updatedFact}>
            <Time iso={token.updated_at} withAbsolute />
          </Fact>
          <Fact name={columns.lastUsed}>{timeOrNever(token.last_used_at)}</Fact>
        </dl>
        {!readOnly && (
          <Button variant="danger-quiet" onClick={() => setDeleting(true)}>
            {text.delete}
          </Button>
        )}
      </section>
      {isDeleting && (
        <DeleteTokenDialog
          token={token}
          onDone={() => {
            void navigate({ to: '/settings/tokens', replace: true }).then(() =>
              client.removeQueries({ queryKey: keys.token(token.id) }),
            );
          }}
          onDismiss={() => setDeleting(false)}
        />
      )}
    </div>
  );
}

function timeOrNever(iso: string | null) {
  return iso === null ? text.never : <Time iso={iso} withAbsolute />;
}
