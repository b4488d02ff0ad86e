import { useState } from 'react';
import { isProblem } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog, Field, fieldErrorOf, useNotice } from '../ui/index.ts';

const text = strings.namespaces;

interface CreateDialogProps {
  title: string;
  run: (made: { code: string; name: string }) => Promise<unknown>;
  changes: readonly (readonly unknown[])[];
  onDismiss: () => void;
}

/** A code and a name: all that a namespace or a project is at first. */
export function CreateDialog({ title, run, changes, onDismiss }: CreateDialogProps) {
  const notify = useNotice();
  const [code, setCode] = useState('');
  const [name, setName] = useState('');
  const create = useConfirmedAction({
    // Called by its code where nobody gave it a name.
    run: (_: undefined) => run({ code: code.trim(), name: name.trim() || code.trim() }),
    changes,
    onDone() {
      onDismiss();
      notify(text.created(code.trim()));
    },
  });
  const error = shownError(create.error);
  const codeError = isProblem(error, 'taken') ? text.codeTaken : fieldErrorOf(error, 'code');
  return (
    <ConfirmDialog
      title={title}
      confirmLabel={title}
      busy={create.isPending}
      error={codeError === null ? error : null}
      onConfirm={() => create.mutate(undefined)}
      onDismiss={onDismiss}
    >
      <div className="form-fields">
        <Field
          label={text.code}
          hint={text.codeHint}
          error={codeError}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          required
          maxLength={50}
          pattern="[A-Za-z0-9_\-]+"
          title={strings.access.letters}
        />
        <Field
          label={text.name}
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
        />
      </div>
    </ConfirmDialog>
  );
}
