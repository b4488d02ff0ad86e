import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { Field } from '../ui/index.ts';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;
const place = 'settings.passkeys.rp_id';

export function PasskeyForm() {
  const { project } = useProject();
  const draft = useDraft(project.settings.passkeys);
  const save = useProjectChange(draft.discard);
  return (
    <SettingsForm
      save={save}
      places={[place]}
      isChanged={draft.isChanged}
      onDiscard={draft.discard}
      onSubmit={() => save.mutate({ change: { settings: { passkeys: draft.changes } } })}
      saveLabel={text.saveNamed(text.methodNames.passkey)}
    >
      <Field
        label={text.rpId}
        hint={text.rpIdHint}
        error={settingError(save.error, place)}
        placeholder={text.rpIdNone}
        value={draft.value.rp_id ?? ''}
        onChange={(event) => draft.set({ rp_id: event.target.value.trim() || null })}
        maxLength={253}
        inputMode="url"
      />
    </SettingsForm>
  );
}
