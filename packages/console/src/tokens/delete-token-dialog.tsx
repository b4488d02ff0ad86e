import { type ApiToken, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog, useNotice } from '../ui/index.ts';

const text = strings.tokens;

interface DeleteTokenDialogProps {
  token: ApiToken;
  onDone: () => void;
  onDismiss: () => void;
}

export function DeleteTokenDialog({ token, onDone, onDismiss }: DeleteTokenDialogProps) {
  const api = useAdminApi();
  const notify = useNotice();
  const remove = useConfirmedAction({
    run: (_: undefined) => api.deleteToken(token.id),
    changes: [keys.tokens, keys.audit],
    onDone() {
      notify(text.deleted(token.name));
      onDone();
    },
  });
  return (
    <ConfirmDialog
      danger
      title={text.deleteTitle(token.name)}
      description={text.deleteBody}
      confirmLabel={text.delete}
      busy={remove.isPending}
      error={shownError(remove.error)}
      onConfirm={() => remove.mutate(undefined)}
      onDismiss={onDismiss}
    />
  );
}
