import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, type User, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
import { SuspendDialog } from './suspend-dialog.tsx';
import { useSensitiveAction } from './use-sensitive-action.ts';

const { suspension } = strings;

/** One button for both ways, so that the focus has somewhere to return to after either. */
export function SuspensionControl({ user }: { user: User }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const notify = useNotice();
  // Which question is open is remembered, not derived: the answer changes the status while the dialog is still closing.
  const [asking, setAsking] = useState<'suspend' | 'restore' | null>(null);
  const name = displayName(user);

  const done = (changed: User) => {
    client.setQueryData(keys.user(user.id), changed);
    setAsking(null);
    notify(changed.status === 'suspended' ? suspension.suspended(name) : suspension.restored(name));
  };
  const suspend = useSensitiveAction({
    userId: user.id,
    run: (reason: string | null) => api.suspend(user.id, reason),
    onDone: done,
  });
  const restore = useSensitiveAction({
    userId: user.id,
    run: (_: undefined) => api.restore(user.id),
    onDone: done,
  });

  const isSuspended = user.status === 'suspended';
  const ask = () => {
    suspend.reset();
    restore.reset();
    setAsking(isSuspended ? 'restore' : 'suspend');
  };

  return (
    <>
      <Button variant={isSuspended ? 'plain' : 'danger-quiet'} onClick={ask}>
        {isSuspended ? suspension.restore : suspension.suspend}
      </Button>
      {asking === 'suspend' && (
        <SuspendDialog
          name={name}
          busy={suspend.isPending}
          error={shownError(suspend.error)}
          onConfirm={suspend.mutate}
          onDismiss={() => setAsking(null)}
        />
      )}
      {asking === 'restore' && (
        <ConfirmDialog
          title={suspension.restoreTitle(name)}
          description={suspension.restoreBody}
          confirmLabel={suspension.restoreConfirm}
          busy={restore.isPending}
          error={shownError(restore.error)}
          onConfirm={() => restore.mutate(undefined)}
          onDismiss={() => setAsking(null)}
        />
      )}
    </>
  );
}
