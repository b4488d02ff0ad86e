import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useRef } from 'react';
import { isProblem, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, Dialog, DialogActions, describeProblem } from '../ui/index.ts';

interface SudoDialogProps {
  /** Tells a password manager whose password to offer. */
  account: string;
  onConfirmed: () => void;
  onDismiss: () => void;
}

export function SudoDialog({ account, onConfirmed, onDismiss }: SudoDialogProps) {
  const api = useAdminApi();
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();
  const errorId = useId();
  const confirm = useMutation({
    mutationFn: (password: string) => api.confirmIdentity(password),
    onSuccess: onConfirmed,
    onError: () => field.current?.select(),
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!confirm.isPending) confirm.mutate(field.current?.value ?? '');
  };

  return (
    <Dialog title={strings.sudo.title} description={strings.sudo.description} onDismiss={onDismiss}>
      <form onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={account} readOnly hidden />
        <label className="field-label" htmlFor={fieldId}>
          {strings.sudo.password}
        </label>
        <input
          ref={field}
          id={fieldId}
          className="input"
          type="password"
          name="password"
          autoComplete="current-password"
          required
          aria-invalid={confirm.isError}
          aria-describedby={confirm.isError ? errorId : undefined}
        />
        <p id={errorId} className="field-error" role="alert">
          {confirm.isError && describeSudoError(confirm.error)}
        </p>
        <DialogActions>
          <Button onClick={onDismiss}>{strings.common.cancel}</Button>
          <Button type="submit" variant="primary" busy={confirm.isPending}>
            {strings.sudo.confirm}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function describeSudoError(error: unknown): string {
  return isProblem(error, 'invalid_credentials') ? strings.sudo.wrong : describeProblem(error).message;
}
