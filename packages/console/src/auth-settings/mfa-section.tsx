import { useId } from 'react';
import type { MfaMethod } from '../api/index.ts';
import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { Choice } from '../ui/index.ts';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { SettingsSection } from './settings-section.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;
const methods = ['totp', 'sms'] as const;
const owedWords = ['mark', 'refuse'] as const;

export function MfaSection() {
  const { project } = useProject();
  const draft = useDraft(project.settings.mfa);
  const save = useProjectChange(draft.discard);
  const { value, set } = draft;
  const owedName = useId();
  const methodsError =
    value.methods.length === 0 || settingError(save.error, 'settings.mfa.methods') !== null
      ? text.mfaMethodsNeeded
      : null;
  const toggle = (method: MfaMethod, isAllowed: boolean) =>
    // Always in one order, so that there and back is no change.
    set({
      methods: methods.filter((each) => (each === method ? isAllowed : value.methods.includes(each))),
    });
  return (
    <SettingsSection title={text.mfa} body={text.mfaBody}>
      <div className="card card-padded">
        <SettingsForm
          save={save}
          places={['settings.mfa.methods']}
          isChanged={draft.isChanged}
          onDiscard={draft.discard}
          onSubmit={() => {
            if (value.methods.length > 0) save.mutate({ change: { settings: { mfa: draft.changes } } });
          }}
        >
          <Choice
            type="checkbox"
            label={text.mfaRequired}
            hint={text.mfaRequiredHint}
            checked={value.required}
            onChange={(required) => set({ required })}
          />
          <fieldset className="choices plain">
            <legend className="field-label">{text.mfaMethods}</legend>
            {methods.map((method) => (
              <Choice
                key={method}
                type="checkbox"
                label={text.mfaMethodNames[method]}
                checked={value.methods.includes(method)}
                onChange={(isAllowed) => toggle(method, isAllowed)}
              />
            ))}
            {methodsError !== null && (
              <p className="field-error" role="alert">
                {methodsError}
              </p>
            )}
          </fieldset>
          <fieldset className="choices plain">
            <legend className="field-label">{text.mfaOwed}</legend>
            {owedWords.map((owed) => (
              <Choice
                key={owed}
                type="radio"
                name={owedName}
                label={text.mfaOwedNames[owed]}
                hint={text.mfaOwedHints[owed]}
                checked={value.owed === owed}
                onChange={() => set({ owed })}
              />
            ))}
          </fieldset>
        </SettingsForm>
      </div>
    </SettingsSection>
  );
}
