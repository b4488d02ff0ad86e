import { useId, useState } from 'react';
import { type AuthProjectKey, type CreatedKey, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog } from '../ui/index.ts';

const text = strings.projectKeys;
/** Long enough to bring the new key to every server within a working day. */
const usualGrace = 86_400;

interface RotateKeyDialogProps {
  projectId: string;
  old: AuthProjectKey;
  onCreated: (created: CreatedKey) => void;
  onDismiss: () => void;
}

export function RotateKeyDialog({ projectId, old, onCreated, onDismiss }: RotateKeyDialogProps) {
  const api = useAdminApi();
  const graceId = useId();
  const [grace, setGrace] = useState(usualGrace);
  const rotate = useConfirmedAction({
    // As with a new one: handed on, and not returned.
    run: async (_: undefined) => onCreated(await api.rotateProjectKey(projectId, old.id, grace)),
    changes: [keys.projectKeys(projectId), keys.audit],
    onDone: () => {},
  });
  return (
    <ConfirmDialog
      title={text.rotateTitle(old.name)}
      description={text.rotateBody}
      confirmLabel={text.rotate}
      busy={rotate.isPending}
      error={shownError(rotate.error)}
      onConfirm={() => rotate.mutate(undefined)}
      onDismiss={onDismiss}
    >
      <div className="field">
        <label className="field-label" htmlFor={graceId}>
          {text.grace}
        </label>
        <select
          id={graceId}
          className="input"
          value={grace}
          onChange={(event) => setGrace(Number(event.target.value))}
        >
          {text.graces.map(({ seconds, label }) => (
            <option key={seconds} value={seconds}>
              {label}
            </option>
          ))}
        </select>
      </div>
    </ConfirmDialog>
  );
}
