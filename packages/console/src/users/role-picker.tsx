import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId, useRef, useState } from 'react';
import { rolesQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Button } from '../ui/index.ts';

const text = strings.userRights;

interface RolePickerProps {
  value: readonly string[];
  onChange: (roles: readonly string[]) => void;
  readOnly?: boolean;
}

/** Roles by their codes. Who may not list them may still name one. */
export function RolePicker({ value, onChange, readOnly = false }: RolePickerProps) {
  const mayRead = useMay().administer('roles', 'read');
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();
  const listId = useId();
  const known = useInfiniteQuery({
    ...rolesQuery(useAdminApi(), typed.trim()),
    enabled: mayRead && !readOnly,
  });
  const offered = (known.data?.pages[0]?.items ?? []).map(({ code }) => code);

  const add = () => {
    const code = typed.trim();
    if (code !== '' && !value.includes(code)) onChange([...value, code]);
    setTyped('');
    field.current?.focus();
  };

  return (
    <div className="role-picker">
      <h3>{text.roles}</h3>
      {value.length === 0 ? (
        <p className="muted">{text.noRoles}</p>
      ) : (
        <ul className="chips" aria-label={text.roles}>
          {value.map((code) => (
            <li key={code} className="chip">
              {mayRead ? (
                <Link to="/settings/roles/$code" params={{ code }} className="wrap-anywhere">
                  {code}
                </Link>
              ) : (
                <span className="wrap-anywhere">{code}</span>
              )}
              {!readOnly && (
                <button
                  type="button"
                  className="chip-remove"
                  aria-label={text.removeRole(code)}
                  onClick={() => {
                    onChange(value.filter((each) => each !== code));
                    field.current?.focus();
                  }}
                >
                  ×
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!readOnly && (
        <div className="role-picker-add">
          <div className="field">
            <label className="field-label" htmlFor={fieldId}>
              {text.role}
            </label>
            <input
              ref={field}
              id={fieldId}
              className="input"
              list={listId}
              value={typed}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter') return;
                // Adds the role; the form around it is sent by its own button.
                event.preventDefault();
                add();
              }}
            />
            <datalist id={listId}>
              {offered
                .filter((code) => !value.includes(code))
                .map((code) => (
                  <option key={code} value={code} />
                ))}
            </datalist>
          </div>
          <Button onClick={add}>{text.addRole}</Button>
        </div>
      )}
    </div>
  );
}
