import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, Field, FormProblem, fieldErrorOf, PageHeading, useNotice } from '../ui/index.ts';
import { displayName } from './names.ts';
import { RolePicker } from './role-picker.tsx';

const text = strings.newUser;
const nothing = { login_name: '', email: '', global_name: '', password: '' };

export function NewUserPage() {
  const api = useAdminApi();
  const navigate = useNavigate();
  const notify = useNotice();
  const [fields, setFields] = useState(nothing);
  const [roles, setRoles] = useState<readonly string[]>([]);
  const create = useConfirmedAction({
    run: (_: undefined) =>
      api.createUser({
        login_name: fields.login_name.trim() || null,
        email: fields.email.trim() || null,
        global_name: fields.global_name.trim() || null,
        password: fields.password || null,
        roles: [...roles],
      }),
    changes: [keys.users, keys.audit],
    onDone(user) {
      notify(text.created(displayName(user)));
      void navigate({ to: '/users/$userId', params: { userId: user.id }, replace: true });
    },
  });
  const error = shownError(create.error);
  const field = (name: keyof typeof nothing) => ({
    value: fields[name],
    error: fieldErrorOf(error, name),
    onChange: (event: { target: { value: string } }) => setFields({ ...fields, [name]: event.target.value }),
  });
  const isToldAtField = Object.keys(nothing).some((name) => fieldErrorOf(error, name) !== null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate(undefined);
  };

  return (
    <>
      <p className="crumb">
        <Link to="/">{text.back}</Link>
      </p>
      <PageHeading title={text.title} />
      <form className="form" onSubmit={submit}>
        <section className="card card-padded form-fields" aria-labelledby="account-title">
          <h2 id="account-title">{text.account}</h2>
          <p className="muted">{text.oneOfTwo}</p>
          <Field label={text.loginName} hint={text.loginNameHint} maxLength={100} {...field('login_name')} />
          <Field label={text.email} hint={text.emailHint} type="email" maxLength={254} {...field('email')} />
          <Field label={text.globalName} maxLength={32} autoCapitalize="words" {...field('global_name')} />
          <Field
            label={text.password}
            hint={text.passwordHint}
            type="password"
            autoComplete="new-password"
            maxLength={1024}
            {...field('password')}
          />
          <RolePicker value={roles} onChange={setRoles} />
        </section>
        <FormProblem error={isToldAtField ? null : error} />
        <div className="form-actions">
          <Button type="submit" variant="primary" busy={create.isPending}>
            {text.create}
          </Button>
          <Link to="/" className="button button-plain">
            {strings.common.cancel}
          </Link>
        </div>
      </form>
    </>
  );
}
