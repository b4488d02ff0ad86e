import { useId, useState } from 'react';
import { type AuthProjectKey, type CreatedKey, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { instantFrom } from '../time/index.ts';
import { Choice, ConfirmDialog, Field, fieldErrorOf } from '../ui/index.ts';

const text = strings.projectKeys;
const kinds = ['secret', 'publishable'] as const;

interface NewKeyDialogProps {
  projectId: string;
  onCreated: (created: CreatedKey) => void;
  onDismiss: () => void;
}

export function NewKeyDialog({ projectId, onCreated, onDismiss }: NewKeyDialogProps) {
  const api = useAdminApi();
  const kindName = useId();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<AuthProjectKey['kind']>('secret');
  const [expiration, setExpiration] = useState('');
  const create = useConfirmedAction({
    // Handed on from here, because what this returned would be kept in the cache of mutations.
    run: async (_: undefined) => {
      onCreated(
        await api.createProjectKey(projectId, {
          kind,
          name: name.trim(),
          expires_at: instantFrom(expiration),
        }),
      );
    },
    changes: [keys.projectKeys(projectId), keys.audit],
    onDone: () => {},
  });
  const error = shownError(create.error);
  const nameError = fieldErrorOf(error, 'name');
  const expiryError = fieldErrorOf(error, 'expires_at');
  return (
    <ConfirmDialog
      title={text.create}
      confirmLabel={text.create}
      busy={create.isPending}
      error={nameError === null && expiryError === null ? error : null}
      onConfirm={() => create.mutate(undefined)}
      onDismiss={onDismiss}
    >
      <div className="form-fields">
        <Field
          label={text.name}
          hint={text.nameHint}
          error={nameError}
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
        />
        <fieldset className="choices plain">
          <legend className="field-label">{text.kind}</legend>
          {kinds.map((each) => (
            <Choice
              key={each}
              type="radio"
              name={kindName}
              label={text.kinds[each]}
              hint={text.kindHints[each]}
              checked={kind === each}
              onChange={() => setKind(each)}
            />
          ))}
        </fieldset>
        <Field
          label={text.expires}
          hint={text.expiresHint}
          error={expiryError}
          type="datetime-local"
          value={expiration}
          onChange={(event) => setExpiration(event.target.value)}
        />
      </div>
    </ConfirmDialog>
  );
}
