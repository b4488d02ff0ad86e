import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { isProblem, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog, Field, fieldErrorOf, useNotice } from '../ui/index.ts';
import { slugFrom } from './slug.ts';

const text = strings.authProjects;

export function CreateProjectDialog({ onDismiss }: { onDismiss: () => void }) {
  const api = useAdminApi();
  const navigate = useNavigate();
  const notify = useNotice();
  const [name, setName] = useState('');
  // Follows the name until somebody gives it another.
  const [typedSlug, setTypedSlug] = useState<string | null>(null);
  const slug = typedSlug ?? slugFrom(name);
  const create = useConfirmedAction({
    run: (_: undefined) => api.createAuthProject({ slug: slug.trim(), name: name.trim() }),
    changes: [keys.authProjects, keys.audit],
    onDone(project) {
      onDismiss();
      notify(text.created(project.name));
      void navigate({ to: '/projects/$projectId', params: { projectId: project.id } });
    },
  });
  const error = shownError(create.error);
  const nameError = fieldErrorOf(error, 'name');
  const slugError = isProblem(error, 'name_taken') ? text.slugTaken : fieldErrorOf(error, 'slug');
  return (
    <ConfirmDialog
      title={text.create}
      confirmLabel={text.create}
      busy={create.isPending}
      error={nameError === null && slugError === null ? error : null}
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
          autoCapitalize="words"
          required
          maxLength={100}
        />
        <Field
          label={text.slug}
          hint={text.slugHint}
          error={slugError}
          value={slug}
          onChange={(event) => setTypedSlug(event.target.value)}
          required
          maxLength={50}
          pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
          title={text.slugPattern}
        />
      </div>
    </ConfirmDialog>
  );
}
