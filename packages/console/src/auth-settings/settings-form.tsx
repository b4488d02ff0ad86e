import type { FormEvent, ReactNode } from 'react';
import { useProject, type useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { Button, FormProblem } from '../ui/index.ts';
import { isToldAt } from './setting-error.ts';
import { useUnsaved } from './unsaved-guard.tsx';

const text = strings.authSettings;

interface SettingsFormProps {
  save: ReturnType<typeof useProjectChange>;
  onSubmit: () => void;
  isChanged: boolean;
  onDiscard: () => void;
  /** Where in the body the fields tell what is wrong themselves. */
  places: readonly string[];
  saveLabel?: string;
  /** Beside the button that saves. */
  actions?: ReactNode;
  children: ReactNode;
}

export function SettingsForm({ save, onSubmit, isChanged, children, ...form }: SettingsFormProps) {
  const { readOnly } = useProject();
  useUnsaved(isChanged);
  const error = shownError(save.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!save.isPending) onSubmit();
  };
  return (
    <form className="form-fields" onSubmit={submit}>
      <fieldset className="form-fields plain" disabled={readOnly}>
        {children}
      </fieldset>
      {!readOnly && (
        <>
          <FormProblem error={isToldAt(error, form.places) ? null : error} />
          <div className="form-actions">
            <Button type="submit" variant={isChanged ? 'primary' : 'plain'} busy={save.isPending}>
              {form.saveLabel ?? text.save}
            </Button>
            {isChanged && (
              <>
                <Button variant="ghost" onClick={form.onDiscard}>
                  {text.discard}
                </Button>
                <p className="muted">{text.unsaved}</p>
              </>
            )}
            {form.actions}
          </div>
        </>
      )}
    </form>
  );
}
