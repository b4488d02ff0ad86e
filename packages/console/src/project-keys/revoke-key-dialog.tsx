import { type AuthProjectKey, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog, useNotice } from '../ui/index.ts';

const text = strings.projectKeys;

interface RevokeKeyDialogProps {
  projectId: string;
  revoked: AuthProjectKey;
  onDone: () => void;
  onDismiss: () => void;
}

export function RevokeKeyDialog({ projectId, revoked, onDone, onDismiss }: RevokeKeyDialogProps) {
  const api = useAdminApi();
  const notify = useNotice();
  const revoke = useConfirmedAction({
    run: (_: undefined) => api.revokeProjectKey(projectId, revoked.id),
    changes: [keys.projectKeys(projectId), keys.audit],
    onDone() {
      notify(text.revoked(revoked.name));
      onDone();
    },
  });
  return (
    <ConfirmDialog
      danger
      title={text.revokeTitle(revoked.name)}
      description={text.revokeBody}
      confirmLabel={text.revokeConfirm}
      busy={revoke.isPending}
      error={shownError(revoke.error)}
      onConfirm={() => revoke.mutate(undefined)}
      onDismiss={onDismiss}
    />
  );
}
