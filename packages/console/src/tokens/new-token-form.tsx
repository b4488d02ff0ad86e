import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { isProblem, keys, useAdminApi } from '../api/index.ts';
import { draftOf, permissionsOf, RightsEditor } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { instantFrom } from '../time/index.ts';
import { Button, Field, FormProblem, fieldErrorOf } from '../ui/index.ts';
import type { CreatedToken } from './token-created.tsx';

const text = strings.tokens;

export function NewTokenForm({ onCreated }: { onCreated: (created: CreatedToken) => void }) {
  const api = useAdminApi();
  const [name, setName] = useState('');
  const [expiration, setExpiration] = useState('');
  const [draft, setDraft] = useState(() => draftOf({ resources: [], admin: [] }));
  const create = useConfirmedAction({
    // Handed on from here, because what this returned would be kept in the cache of mutations.
    run: async (_: undefined) => {
      const { token, plain_token: plain } = await api.createToken({
        name: name.trim(),
        expires_at: instantFrom(expiration),
        permissions: permissionsOf(draft),
      });
      onCreated({ name: token.name, plain });
    },
    changes: [keys.tokens, keys.audit],
    onDone: () => {},
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate(undefined);
  };
  const error = shownError(create.error);
  const nameError = isProblem(error, 'name_taken') ? text.nameTaken : fieldErrorOf(error, 'name');
  const expiryError = fieldErrorOf(error, 'expires_at');
  const isEmpty = draft.resources.length + draft.admin.length === 0;

  return (
    <form className="form" onSubmit={submit}>
      <div className="card card-padded form-fields">
        <Field
          label={text.name}
          hint={text.nameHint}
          error={nameError}
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={300}
          pattern="[A-Za-z0-9_\-]+"
          title={strings.access.letters}
        />
        <Field
          label={text.expiration}
          hint={text.expirationHint}
          error={expiryError}
          type="datetime-local"
          value={expiration}
          onChange={(event) => setExpiration(event.target.value)}
        />
      </div>
      <RightsEditor value={draft} onChange={setDraft} />
      <FormProblem error={nameError === null && expiryError === null ? error : null} />
      <div className="form-actions">
        <Button type="submit" variant="primary" busy={create.isPending}>
          {text.create}
        </Button>
        <Link to="/settings/tokens" className="button button-plain">
          {strings.common.cancel}
        </Link>
        {isEmpty && <p className="muted">{text.noRights}</p>}
      </div>
    </form>
  );
}
