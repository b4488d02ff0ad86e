import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, type SigningKey, signingKeysQuery, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Time } from '../time/index.ts';
import { Badge, Button, ConfirmDialog, ErrorState, SkeletonRows, Table, useNotice } from '../ui/index.ts';

const text = strings.authProjects;
const columns = text.signingKeyColumns;

/** Here and not in one project: they are the whole server's. */
export function SigningKeySection({ readOnly }: { readOnly: boolean }) {
  const api = useAdminApi();
  const signingKeys = useQuery(signingKeysQuery(api));
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="section" aria-labelledby="signing-keys-title">
      <div className="section-heading">
        <h2 id="signing-keys-title">{text.signingKeys}</h2>
        {!readOnly && <Button onClick={() => setAsking(true)}>{text.rotateSigningKey}</Button>}
      </div>
      <p className="section-body muted">{text.signingKeysBody}</p>
      <div className="card">
        {signingKeys.data !== undefined ? (
          <SigningKeysTable signingKeys={signingKeys.data.items} />
        ) : signingKeys.isError ? (
          <ErrorState
            error={signingKeys.error}
            onRetry={() => void signingKeys.refetch()}
            busy={signingKeys.isFetching}
          />
        ) : (
          <SkeletonRows count={1} />
        )}
      </div>
      {isAsking && <RotateDialog onDismiss={() => setAsking(false)} />}
    </section>
  );
}

function RotateDialog({ onDismiss }: { onDismiss: () => void }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const notify = useNotice();
  const rotate = useConfirmedAction({
    run: (_: undefined) => api.rotateSigningKeys(),
    changes: [keys.audit],
    onDone(answer) {
      client.setQueryData(keys.signingKeys, answer);
      onDismiss();
      notify(text.signingKeyRotated);
    },
  });
  return (
    <ConfirmDialog
      title={text.rotateSigningKeyTitle}
      description={text.rotateSigningKeyBody}
      confirmLabel={text.rotateSigningKey}
      busy={rotate.isPending}
      error={shownError(rotate.error)}
      onConfirm={() => rotate.mutate(undefined)}
      onDismiss={onDismiss}
    />
  );
}

function SigningKeysTable({ signingKeys }: { signingKeys: readonly SigningKey[] }) {
  return (
    <Table
      caption={text.signingKeysCaption}
      columns={[columns.id, columns.status, columns.created, columns.signsFrom]}
    >
      {signingKeys.map(({ id, status, created_at, signs_from }) => (
        <tr key={id}>
          <td className="cell-lead">
            <code className="wrap-anywhere">{id}</code>
          </td>
          <td data-label={columns.status}>
            <Badge tone={status === 'signing' ? 'good' : 'neutral'}>{text.signingKeyStatus[status]}</Badge>
          </td>
          <td data-label={columns.created}>
            <Time iso={created_at} />
          </td>
          <td data-label={columns.signsFrom}>
            <Time iso={signs_from} />
          </td>
        </tr>
      ))}
    </Table>
  );
}
