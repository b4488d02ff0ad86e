import { type RefObject, useId } from 'react';
import { Icon } from './icon.tsx';

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  /** Offered while typing; anything else may be typed too. */
  suggestions?: readonly string[];
  labelHidden?: boolean;
  /** For whoever takes a button away that had the focus and must put it somewhere. */
  inputRef?: RefObject<HTMLInputElement | null>;
}

export function SearchField({
  label,
  placeholder,
  value,
  onChange,
  suggestions,
  labelHidden = false,
  inputRef,
}: SearchFieldProps) {
  const id = useId();
  const listId = useId();
  return (
    <div className="search-field">
      <label className={labelHidden ? 'visually-hidden' : 'field-label'} htmlFor={id}>
        {label}
      </label>
      <div className="search-box">
        <Icon name="search" />
        <input
          ref={inputRef}
          id={id}
          className="input"
          type="search"
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="search"
          list={suggestions === undefined ? undefined : listId}
        />
      </div>
      {suggestions !== undefined && (
        <datalist id={listId}>
          {suggestions.map((suggestion) => (
            <option key={suggestion} value={suggestion} />
          ))}
        </datalist>
      )}
    </div>
  );
}
