import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type AuthProjectKey, type CreatedKey, projectKeysQuery, useAdminApi } from '../api/index.ts';
import { useProject } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { Button, EmptyState, ErrorState, SkeletonRows } from '../ui/index.ts';
import { KeyCreated } from './key-created.tsx';
import { KeysTable } from './keys-table.tsx';
import { NewKeyDialog } from './new-key-dialog.tsx';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { RotateKeyDialog } from './rotate-key-dialog.tsx';

const text = strings.projectKeys;

type Asking = { what: 'create' } | { what: 'rotate' | 'revoke'; key: AuthProjectKey };

export function KeysPage() {
  const { project, readOnly } = useProject();
  const projectKeys = useQuery(projectKeysQuery(useAdminApi(), project.id));
  const [asking, setAsking] = useState<Asking | null>(null);
  const { created, show, forget } = useCreatedKey();
  const heading = useRef<HTMLHeadingElement>(null);

  const dismiss = () => setAsking(null);
  const showKey = (made: CreatedKey) => {
    setAsking(null);
    show(made);
  };
  // The button that opened the dialog may go away with its row; the heading stays.
  const focusHeading = () => requestAnimationFrame(() => heading.current?.focus());

  return (
    <section aria-labelledby="keys-title">
      <div className="section-heading">
        <h2 id="keys-title" ref={heading} tabIndex={-1}>
          {text.title}
        </h2>
        {!readOnly && (
          <Button variant="primary" onClick={() => setAsking({ what: 'create' })}>
            {text.create}
          </Button>
        )}
      </div>
      <p className="section-body muted">{text.body}</p>
      {created !== null && (
        <KeyCreated
          key={created.key.id}
          created={created}
          onDone={() => {
            forget();
            focusHeading();
          }}
        />
      )}
      <div className="card">
        {projectKeys.data === undefined ? (
          projectKeys.isError ? (
            <ErrorState
              error={projectKeys.error}
              onRetry={() => void projectKeys.refetch()}
              busy={projectKeys.isFetching}
            />
          ) : (
            <SkeletonRows count={2} />
          )
        ) : projectKeys.data.items.length === 0 ? (
          <EmptyState icon="key" title={text.emptyTitle} body={text.emptyBody} />
        ) : (
          <KeysTable
            projectKeys={projectKeys.data.items}
            onAsk={readOnly ? null : (what, key) => setAsking({ what, key })}
          />
        )}
      </div>
      {asking?.what === 'create' && (
        <NewKeyDialog projectId={project.id} onCreated={showKey} onDismiss={dismiss} />
      )}
      {asking?.what === 'rotate' && (
        <RotateKeyDialog projectId={project.id} old={asking.key} onCreated={showKey} onDismiss={dismiss} />
      )}
      {asking?.what === 'revoke' && (
        <RevokeKeyDialog
          projectId={project.id}
          revoked={asking.key}
          onDone={() => {
            setAsking(null);
            focusHeading();
          }}
          onDismiss={dismiss}
        />
      )}
    </section>
  );
}

/** A key that was just made, held nowhere else: what is kept in a component is gone with it. */
function useCreatedKey() {
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const forget = () => setCreated(null);

  useEffect(() => {
    // A browser may freeze a page that is left, to bring it back as it was.
    const leave = () => setCreated(null);
    window.addEventListener('pagehide', leave);
    return () => window.removeEventListener('pagehide', leave);
  }, []);

  return { created, show: setCreated, forget };
}
