import { useId } from 'react';

interface ChoiceProps {
  type: 'checkbox' | 'radio';
  /** Radios of one name exclude each other. */
  name?: string;
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (isChosen: boolean) => void;
}

/** One of several that may be chosen in a form; what it means stands below its name. */
export function Choice({ label, hint, onChange, ...input }: ChoiceProps) {
  const id = useId();
  const hintId = useId();
  return (
    <div className="choice">
      <input
        {...input}
        id={id}
        onChange={(event) => onChange(event.target.checked)}
        aria-describedby={hint === undefined ? undefined : hintId}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <p id={hintId} className="choice-hint muted">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
