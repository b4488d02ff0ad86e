import { type ComponentProps, useId } from 'react';

interface FieldProps extends Omit<ComponentProps<'input'>, 'id' | 'className'> {
  label: string;
  hint?: string;
  /** What is wrong with what was typed, in words. */
  error?: string | null;
}

export function Field({ label, hint, error = null, ...input }: FieldProps) {
  const id = useId();
  const hintId = useId();
  const errorId = useId();
  const described = [hint !== undefined && hintId, error !== null && errorId].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <input
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        {...input}
        id={id}
        className="input"
        aria-invalid={error !== null || undefined}
        aria-describedby={described || undefined}
      />
      {hint !== undefined && (
        <p id={hintId} className="field-hint muted">
          {hint}
        </p>
      )}
      {error !== null && (
        <p id={errorId} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
