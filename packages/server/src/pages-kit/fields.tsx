import type { Problems } from './forms.ts';
import { strings } from './strings.ts';

interface FieldProps {
  id: string;
  label: string;
  type?: 'text' | 'email' | 'password' | 'tel';
  autocomplete: string;
  value?: string;
  hint?: string;
  problem?: string | undefined;
  required?: boolean;
  autofocus?: boolean;
  maxLength?: number;
}

/** A labelled field with its hint and problem tied to it. */
export function Field(props: FieldProps) {
  const {
    id,
    label,
    type = 'text',
    autocomplete,
    value,
    hint,
    problem,
    required = true,
    autofocus,
    maxLength,
  } = props;
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {label}
        {!required && <span class="muted"> ({strings.optional})</span>}
      </label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input
        id={id}
        name={id}
        // The types tie each kind of field to the roles it may take; these four take none.
        type={type as 'password'}
        autocomplete={autocomplete}
        value={value ?? ''}
        required={required}
        autofocus={autofocus ?? false}
        maxLength={maxLength ?? 512}
        autocapitalize="none"
        spellcheck={false}
        aria-describedby={described || undefined}
        aria-invalid={problem ? 'true' : undefined}
      />
      {problem && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}

interface EmailFieldProps {
  value?: string | undefined;
  problems: Problems;
  autofocus?: boolean;
}

/** The address that names an account. */
export function EmailField({ value = '', problems, autofocus = false }: EmailFieldProps) {
  return (
    <Field
      id="email"
      label={strings.email}
      type="email"
      autocomplete="username"
      value={value}
      problem={problems.fields['email']}
      autofocus={autofocus}
    />
  );
}

interface NewPasswordFieldProps {
  /** Another name where the old password stands in the same form. */
  id?: string;
  label?: string;
  problems: Problems;
}

/** A password that is being chosen. */
export function NewPasswordField({
  id = 'password',
  label = strings.newPassword,
  problems,
}: NewPasswordFieldProps) {
  return (
    <Field
      id={id}
      label={label}
      type="password"
      autocomplete="new-password"
      hint={strings.passwordHint}
      problem={problems.fields[id]}
    />
  );
}

interface TokenFieldProps {
  value?: string | undefined;
  problems: Problems;
  label?: string;
  hint?: string;
}

/** The secret of a mail's link: filled in by the script, or by hand where there is none. */
export function TokenField({
  value = '',
  problems,
  label = strings.code,
  hint = strings.codeHint,
}: TokenFieldProps) {
  const problem = problems.fields['token'];
  // One that came back beside another field's problem has passed; one beside a problem of the whole has not.
  const hasPassed = value !== '' && problem === undefined && problems.whole === undefined;
  if (hasPassed) return <input type="hidden" name="token" value={value} />;
  return (
    <div class="token-field">
      <Field id="token" autocomplete="one-time-code" maxLength={512} {...{ label, hint, value, problem }} />
    </div>
  );
}
