import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { isProblem, keys, useAdminApi } from '../api/index.ts';
import { draftOf, permissionsOf, RightsEditor } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, Field, FormProblem, fieldErrorOf, PageHeading, useNotice } from '../ui/index.ts';

const text = strings.roles;

export function NewRolePage() {
  const api = useAdminApi();
  const navigate = useNavigate();
  const notify = useNotice();
  const [code, setCode] = useState('');
  const [draft, setDraft] = useState(() => draftOf({ resources: [], admin: [] }));
  const create = useConfirmedAction({
    run: (_: undefined) => api.createRole({ code: code.trim(), permissions: permissionsOf(draft) }),
    changes: [keys.roles, keys.audit],
    onDone(role) {
      notify(text.created(role.code));
      void navigate({ to: '/settings/roles/$code', params: { code: role.code }, replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate(undefined);
  };
  const error = shownError(create.error);
  const codeError = isProblem(error, 'name_taken') ? text.codeTaken : fieldErrorOf(error, 'code');

  return (
    <>
      <p className="crumb">
        <Link to="/settings/roles">{text.back}</Link>
      </p>
      <PageHeading title={text.newTitle} />
      <form className="form" onSubmit={submit}>
        <div className="card card-padded form-fields">
          <Field
            label={text.code}
            hint={text.codeHint}
            error={codeError}
            value={code}
            onChange={(event) => setCode(event.target.value)}
            required
            maxLength={100}
            pattern="[A-Za-z0-9_\-]+"
            title={strings.access.letters}
          />
        </div>
        <RightsEditor value={draft} onChange={setDraft} />
        <FormProblem error={codeError === null ? error : null} />
        <div className="form-actions">
          <Button type="submit" variant="primary" busy={create.isPending}>
            {text.create}
          </Button>
          <Link to="/settings/roles" className="button button-plain">
            {strings.common.cancel}
          </Link>
        </div>
      </form>
    </>
  );
}
