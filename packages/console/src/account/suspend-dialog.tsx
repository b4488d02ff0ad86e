import { useId, useState } from 'react';
import { strings } from '../strings.ts';
import { ConfirmDialog } from '../ui/index.ts';

interface SuspendDialogProps {
  name: string;
  busy: boolean;
  error: Error | null;
  onConfirm: (reason: string | null) => void;
  onDismiss: () => void;
}

export function SuspendDialog({ name, onConfirm, ...rest }: SuspendDialogProps) {
  const [reason, setReason] = useState('');
  const fieldId = useId();
  const hintId = useId();
  return (
    <ConfirmDialog
      {...rest}
      danger
      title={strings.suspension.suspendTitle(name)}
      description={strings.suspension.suspendBody}
      confirmLabel={strings.suspension.suspendConfirm}
      onConfirm={() => onConfirm(reason.trim() || null)}
    >
      <label className="field-label" htmlFor={fieldId}>
        {strings.suspension.reason}
      </label>
      <textarea
        id={fieldId}
        className="input"
        rows={3}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        aria-describedby={hintId}
      />
      <p id={hintId} className="field-hint muted">
        {strings.suspension.reasonHint}
      </p>
    </ConfirmDialog>
  );
}
