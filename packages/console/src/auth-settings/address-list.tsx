import { useEffect, useId, useRef } from 'react';
import { strings } from '../strings.ts';
import { Button } from '../ui/index.ts';

const text = strings.authSettings;

interface AddressListProps {
  label: string;
  hint: string;
  none: string;
  rowLabel: (row: number) => string;
  addLabel: string;
  placeholder: string;
  addresses: readonly string[];
  errorAt: (index: number) => string | null;
  /** Of the list as a whole. */
  error: string | null;
  readOnly: boolean;
  onChange: (addresses: string[]) => void;
}

export function AddressList({ addresses, onChange, errorAt, readOnly, ...list }: AddressListProps) {
  const labelId = useId();
  const hintId = useId();
  const add = useRef<HTMLButtonElement>(null);
  const rows = useRef<HTMLUListElement>(null);
  const isAdding = useRef(false);

  // Whoever adds a row wants to fill it.
  useEffect(() => {
    if (!isAdding.current) return;
    isAdding.current = false;
    rows.current?.querySelector<HTMLElement>('li:last-child input')?.focus();
  });

  const change = (index: number, address: string) =>
    onChange(addresses.map((each, place) => (place === index ? address : each)));
  const remove = (index: number) => {
    onChange(addresses.filter((_, place) => place !== index));
    // The pressed button goes away with its row.
    add.current?.focus();
  };

  return (
    <fieldset className="addresses plain" aria-labelledby={labelId} aria-describedby={hintId}>
      <p id={labelId} className="field-label">
        {list.label}
      </p>
      {addresses.length === 0 ? (
        <p className="muted">{list.none}</p>
      ) : (
        <ul ref={rows}>
          {addresses.map((address, index) => (
            <AddressRow
              // The place is what a row is: two may hold the same text while they are typed.
              key={`row-${index.toString()}`}
              label={list.rowLabel(index + 1)}
              placeholder={list.placeholder}
              address={address}
              error={errorAt(index)}
              onChange={(typed) => change(index, typed)}
              onRemove={readOnly ? null : () => remove(index)}
            />
          ))}
        </ul>
      )}
      <p id={hintId} className="field-hint muted">
        {list.hint}
      </p>
      {list.error !== null && (
        <p className="field-error" role="alert">
          {list.error}
        </p>
      )}
      {!readOnly && (
        <Button
          ref={add}
          onClick={() => {
            isAdding.current = true;
            onChange([...addresses, '']);
          }}
        >
          {list.addLabel}
        </Button>
      )}
    </fieldset>
  );
}

interface AddressRowProps {
  label: string;
  placeholder: string;
  address: string;
  error: string | null;
  onChange: (address: string) => void;
  onRemove: (() => void) | null;
}

function AddressRow({ label, placeholder, address, error, onChange, onRemove }: AddressRowProps) {
  const errorId = useId();
  return (
    <li>
      <div className="address-row">
        <input
          className="input"
          type="url"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-label={label}
          placeholder={placeholder}
          maxLength={2048}
          value={address}
          onChange={(event) => onChange(event.target.value)}
          aria-invalid={error !== null || undefined}
          aria-describedby={error === null ? undefined : errorId}
        />
        {onRemove && (
          <Button variant="ghost" aria-label={text.removeAddress(address || label)} onClick={onRemove}>
            {text.remove}
          </Button>
        )}
      </div>
      {error !== null && (
        <p id={errorId} className="field-error" role="alert">
          {error}
        </p>
      )}
    </li>
  );
}
