import { useState } from 'react';
import { type AuthProject, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';

const text = strings.authProject;

export function EndProjectSessions({ project }: { project: AuthProject }) {
  const api = useAdminApi();
  const notify = useNotice();
  const [isAsking, setAsking] = useState(false);
  const end = useConfirmedAction({
    run: (_: undefined) => api.endAuthSessionsOfProject(project.id),
    changes: [keys.authSessionsOf(project.id), keys.audit],
    onDone({ ended }) {
      setAsking(false);
      notify(text.endedSessions(ended));
    },
  });
  return (
    <div className="card card-padded act">
      <p className="muted">{text.endSessionsBody}</p>
      <Button variant="danger-quiet" onClick={() => setAsking(true)}>
        {text.endSessions}
      </Button>
      {isAsking && (
        <ConfirmDialog
          danger
          title={text.endSessionsTitle(project.name)}
          description={text.endSessionsText}
          confirmLabel={text.endSessions}
          busy={end.isPending}
          error={shownError(end.error)}
          onConfirm={() => end.mutate(undefined)}
          onDismiss={() => setAsking(false)}
        />
      )}
    </div>
  );
}
