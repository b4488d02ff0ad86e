import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { DurationField } from './duration-field.tsx';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { SettingsSection } from './settings-section.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;
const at = (name: string) => `settings.session.${name}`;
const places = ['ttl_seconds', 'idle_seconds', 'absolute_seconds', 'renew_after_seconds'].map(at);

export function SessionsSection() {
  const { project } = useProject();
  const draft = useDraft(project.settings.session);
  const save = useProjectChange(draft.discard);
  const { value, set } = draft;
  // The server speaks of seconds, which nobody typed.
  const wrong = (name: string, words: string) => (settingError(save.error, at(name)) === null ? null : words);
  return (
    <SettingsSection title={text.sessions} body={text.sessionsBody}>
      <div className="card card-padded">
        <SettingsForm
          save={save}
          places={places}
          isChanged={draft.isChanged}
          onDiscard={draft.discard}
          onSubmit={() => save.mutate({ change: { settings: { session: draft.changes } } })}
        >
          <DurationField
            label={text.ttl}
            hint={text.ttlHint}
            error={wrong('ttl_seconds', text.outOfRange)}
            seconds={value.ttl_seconds}
            onChange={(seconds) => set({ ttl_seconds: seconds ?? Number.NaN })}
          />
          <DurationField
            label={text.idle}
            hint={text.idleHint}
            error={wrong('idle_seconds', text.outOfRange)}
            seconds={value.idle_seconds}
            onChange={(idle_seconds) => set({ idle_seconds })}
            none={{ label: text.idleNone, value: null }}
          />
          <DurationField
            label={text.absolute}
            hint={text.absoluteHint}
            error={wrong('absolute_seconds', text.outOfRange)}
            seconds={value.absolute_seconds}
            onChange={(absolute_seconds) => set({ absolute_seconds })}
            none={{ label: text.absoluteNone, value: null }}
          />
          <DurationField
            label={text.renewAfter}
            hint={text.renewHint}
            error={wrong('renew_after_seconds', text.renewOutOfRange)}
            seconds={value.renew_after_seconds}
            onChange={(seconds) => set({ renew_after_seconds: seconds ?? 0 })}
            none={{ label: text.renewNone, value: 0 }}
          />
        </SettingsForm>
      </div>
    </SettingsSection>
  );
}
