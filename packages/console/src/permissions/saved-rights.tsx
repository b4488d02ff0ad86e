import { type FormEvent, type ReactNode, useState } from 'react';
import type { Permissions } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, FormProblem, useNotice } from '../ui/index.ts';
import { draftOf, isSame, permissionsOf } from './draft.ts';
import { RightsEditor } from './rights-editor.tsx';

interface SavedRightsProps {
  saved: Permissions;
  title?: string;
  readOnly: boolean;
  /** Answers what is kept now. */
  save: (permissions: Permissions) => Promise<Permissions>;
  changes: readonly (readonly unknown[])[];
  /** Whether something beside the rows waits to be saved with them. */
  isChangedBeside?: boolean;
  children?: ReactNode;
}

/** Rows that are kept somewhere, with the button that replaces them all. */
export function SavedRights({ saved, readOnly, save, changes, ...beside }: SavedRightsProps) {
  const notify = useNotice();
  const [draft, setDraft] = useState(() => draftOf(saved));
  const replace = useConfirmedAction({
    run: save,
    changes,
    onDone(kept) {
      setDraft(draftOf(kept));
      notify(strings.access.saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!replace.isPending) replace.mutate(permissionsOf(draft));
  };
  const isChanged = beside.isChangedBeside || !isSame(draft, saved);

  return (
    <form className="form" onSubmit={submit}>
      <RightsEditor
        // What others change meanwhile is news to a reader and would be a loss to a writer.
        value={readOnly ? draftOf(saved) : draft}
        onChange={setDraft}
        readOnly={readOnly}
        {...(beside.title !== undefined && { title: beside.title })}
      >
        {beside.children}
      </RightsEditor>
      {!readOnly && (
        <>
          <FormProblem error={shownError(replace.error)} />
          <div className="form-actions">
            <Button type="submit" variant="primary" busy={replace.isPending}>
              {strings.access.save}
            </Button>
            {isChanged && <p className="muted">{strings.access.unsaved}</p>}
          </div>
        </>
      )}
    </form>
  );
}
