import type { FormEvent, ReactNode } from 'react';
import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Dialog, DialogActions } from './dialog.tsx';
import { ProblemText } from './problem-text.tsx';

interface ConfirmDialogProps {
  title: string;
  description?: string;
  confirmLabel: string;
  danger?: boolean;
  busy: boolean;
  /** What went wrong with the last try, if anything did. */
  error: unknown;
  onConfirm: () => void;
  onDismiss: () => void;
  children?: ReactNode;
}

export function ConfirmDialog({ title, description, onDismiss, children, ...rest }: ConfirmDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!rest.busy) rest.onConfirm();
  };

  return (
    <Dialog title={title} {...(description !== undefined && { description })} onDismiss={onDismiss}>
      <form onSubmit={submit}>
        {children}
        <div role="alert">{rest.error ? <ProblemText error={rest.error} /> : null}</div>
        <DialogActions>
          <Button onClick={onDismiss}>{strings.common.cancel}</Button>
          <Button type="submit" variant={rest.danger ? 'danger' : 'primary'} busy={rest.busy}>
            {rest.confirmLabel}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
