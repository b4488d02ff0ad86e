import { useState } from 'react';
import { keys, type ProjectAddress, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';

const text = strings.projects;

export function PublishControl({ at, version }: { at: ProjectAddress; version: number }) {
  const api = useAdminApi();
  const notify = useNotice();
  const [isAsking, setAsking] = useState(false);
  const publish = useConfirmedAction({
    run: (_: undefined) => api.publish(at),
    changes: [keys.project(at), keys.projects(at.namespace), keys.audit],
    onDone(published) {
      setAsking(false);
      notify(text.published(published.version));
    },
  });
  return (
    <>
      <Button variant="primary" onClick={() => setAsking(true)}>
        {text.publish}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={text.publishTitle(version + 1)}
          description={text.publishBody}
          confirmLabel={text.publish}
          busy={publish.isPending}
          error={shownError(publish.error)}
          onConfirm={() => publish.mutate(undefined)}
          onDismiss={() => setAsking(false)}
        />
      )}
    </>
  );
}
