import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type AuthUserAddress, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';

const text = strings.userAccount;

export function DeleteControl({ at, name }: { at: AuthUserAddress; name: string }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotice();
  const [isAsking, setAsking] = useState(false);
  const remove = useConfirmedAction({
    run: (_: undefined) => api.deleteAuthUser(at),
    changes: [keys.authUsers(at.projectId), keys.audit],
    onDone() {
      notify(text.deleted(name));
      const to = { to: '/projects/$projectId/users', params: { projectId: at.projectId } } as const;
      void navigate({ ...to, replace: true }).then(() => {
        for (const queryKey of [keys.authUser(at), keys.authSessions(at)]) client.removeQueries({ queryKey });
      });
    },
  });
  return (
    <>
      <Button variant="danger-quiet" onClick={() => setAsking(true)}>
        {text.delete}
      </Button>
      {isAsking && (
        <ConfirmDialog
          danger
          title={text.deleteTitle(name)}
          description={text.deleteBody}
          confirmLabel={text.deleteConfirm}
          busy={remove.isPending}
          error={shownError(remove.error)}
          onConfirm={() => remove.mutate(undefined)}
          onDismiss={() => setAsking(false)}
        />
      )}
    </>
  );
}
