import { useId, useState } from 'react';
import { strings } from '../strings.ts';
import { type Duration, durationOf, secondsOf, type Unit, units } from './duration.ts';

const text = strings.authSettings;
const unset = 'unset';

interface DurationFieldProps {
  label: string;
  hint: string;
  error: string | null;
  /** NaN while what is typed is no whole number, which the form does not send. */
  seconds: number | null;
  onChange: (seconds: number | null) => void;
  /** Where there may be none: what that is called, and how it is kept. */
  none?: { label: string; value: number | null };
}

export function DurationField({ label, hint, error, seconds, onChange, none }: DurationFieldProps) {
  const id = useId();
  const hintId = useId();
  const errorId = useId();
  const isNone = none !== undefined && seconds === none.value;
  const [typed, setTyped] = useState<Duration>(() => durationOf(isNone ? 86_400 : (seconds ?? 86_400)));
  // Saved elsewhere, or discarded: what is typed gives way.
  if (!isNone && !Object.is(secondsOf(typed), seconds)) setTyped(durationOf(seconds ?? 86_400));

  const type = (duration: Duration) => {
    setTyped(duration);
    onChange(secondsOf(duration));
  };
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <div className="duration">
        {!isNone && (
          <input
            id={id}
            className="input"
            type="number"
            inputMode="numeric"
            min={1}
            step={1}
            required
            value={typed.amount}
            onChange={(event) => type({ ...typed, amount: event.target.value })}
            aria-invalid={error !== null || undefined}
            aria-describedby={error === null ? hintId : `${errorId} ${hintId}`}
          />
        )}
        <select
          {...(isNone ? { id } : { 'aria-label': text.unitOf(label) })}
          className="input"
          value={isNone ? unset : typed.unit}
          onChange={(event) => {
            if (event.target.value === unset) onChange(none?.value ?? null);
            else type({ amount: typed.amount, unit: event.target.value as Unit });
          }}
        >
          {units.map((unit) => (
            <option key={unit} value={unit}>
              {text.units[unit]}
            </option>
          ))}
          {none && <option value={unset}>{none.label}</option>}
        </select>
      </div>
      <p id={hintId} className="field-hint muted">
        {hint}
      </p>
      {error !== null && (
        <p id={errorId} className="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
