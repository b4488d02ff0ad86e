import { strings } from '../strings.ts';
import { Field } from '../ui/index.ts';
import { isColor } from './readable.ts';

const text = strings.authSettings;

interface ColorFieldProps {
  color: string | null;
  error: string | null;
  onChange: (color: string | null) => void;
}

/** To be picked by sight or typed, which are the same thing in two fields. */
export function ColorField({ color, error, onChange }: ColorFieldProps) {
  return (
    <div className="color-field">
      <Field
        label={text.color}
        hint={text.colorHint}
        error={error}
        placeholder="#4f46e5"
        value={color ?? ''}
        onChange={(event) => onChange(event.target.value.trim() || null)}
        pattern="#[0-9a-fA-F]{6}"
        title={text.colorPattern}
        maxLength={7}
      />
      <input
        type="color"
        className="color-pick"
        aria-label={text.colorPick}
        value={isColor(color) ? color : '#4f46e5'}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}
