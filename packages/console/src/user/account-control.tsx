import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { keys, type User, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
import { useSensitiveAction } from './use-sensitive-action.ts';

const text = strings.userAccount;

/** What is done to an account as a whole, besides suspending it. */
export function AccountControl({ user }: { user: User }) {
  const [asking, setAsking] = useState<'password' | 'delete' | null>(null);
  const dismiss = () => setAsking(null);
  return (
    <>
      <Button onClick={() => setAsking('password')}>{text.setPassword}</Button>
      <Button variant="danger-quiet" onClick={() => setAsking('delete')}>
        {text.delete}
      </Button>
      {asking === 'password' && <PasswordDialog user={user} onDismiss={dismiss} />}
      {asking === 'delete' && <DeleteUserDialog user={user} onDismiss={dismiss} />}
    </>
  );
}

function PasswordDialog({ user, onDismiss }: { user: User; onDismiss: () => void }) {
  const api = useAdminApi();
  const notify = useNotice();
  const [password, setPassword] = useState('');
  const fieldId = useId();
  const name = displayName(user);
  const give = useSensitiveAction({
    userId: user.id,
    run: (_: undefined) => api.setPassword(user.id, password),
    onDone() {
      onDismiss();
      notify(text.passwordSet(name));
    },
  });
  return (
    <ConfirmDialog
      title={text.passwordTitle(name)}
      description={text.passwordBody}
      confirmLabel={text.passwordConfirm}
      busy={give.isPending}
      error={shownError(give.error)}
      onConfirm={() => give.mutate(undefined)}
      onDismiss={onDismiss}
    >
      <label className="field-label" htmlFor={fieldId}>
        {text.password}
      </label>
      <input
        id={fieldId}
        className="input"
        type="password"
        autoComplete="new-password"
        required
        maxLength={1024}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </ConfirmDialog>
  );
}

function DeleteUserDialog({ user, onDismiss }: { user: User; onDismiss: () => void }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotice();
  const name = displayName(user);
  const remove = useConfirmedAction({
    run: (_: undefined) => api.deleteUser(user.id),
    changes: [keys.users, keys.audit],
    onDone() {
      notify(text.deleted(name));
      void navigate({ to: '/', replace: true }).then(() => {
        for (const key of [keys.user(user.id), keys.sessions(user.id), keys.rights(user.id)])
          client.removeQueries({ queryKey: key });
      });
    },
  });
  return (
    <ConfirmDialog
      danger
      title={text.deleteTitle(name)}
      description={text.deleteBody}
      confirmLabel={text.deleteConfirm}
      busy={remove.isPending}
      error={shownError(remove.error)}
      onConfirm={() => remove.mutate(undefined)}
      onDismiss={onDismiss}
    />
  );
}
