import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { AddressList } from './address-list.tsx';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { SettingsSection } from './settings-section.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;
const places = ['settings.redirect_urls', 'settings.allowed_origins'];

export function AddressesSection() {
  const { project, readOnly } = useProject();
  const { redirect_urls, allowed_origins } = project.settings;
  const draft = useDraft({ redirect_urls, allowed_origins });
  const save = useProjectChange(draft.discard);
  const { value, set } = draft;
  const submit = () => {
    // What is shown is what is sent, so that a problem's place in the list is the row's.
    const filled = {
      redirect_urls: filledOf(value.redirect_urls),
      allowed_origins: filledOf(value.allowed_origins),
    };
    set(filled);
    save.mutate({ change: { settings: filled } });
  };
  const errorAt = (name: string) => (index: number) => settingError(save.error, `settings.${name}.${index}`);
  const listError = (name: string, addresses: readonly string[]) => {
    const isAtRow = addresses.some((_, index) => errorAt(name)(index) !== null);
    return isAtRow ? null : settingError(save.error, `settings.${name}`);
  };
  return (
    <SettingsSection title={text.addresses} body={text.addressesBody}>
      <div className="card card-padded">
        <SettingsForm
          save={save}
          places={places}
          isChanged={draft.isChanged}
          onDiscard={() => {
            draft.discard();
            save.reset();
          }}
          onSubmit={submit}
        >
          <AddressList
            label={text.redirectUrls}
            hint={text.redirectHint}
            none={text.noRedirects}
            rowLabel={text.redirectLabel}
            addLabel={text.addRedirect}
            placeholder="https://"
            addresses={value.redirect_urls}
            errorAt={errorAt('redirect_urls')}
            error={listError('redirect_urls', value.redirect_urls)}
            readOnly={readOnly}
            onChange={(addresses) => set({ redirect_urls: addresses })}
          />
          <AddressList
            label={text.origins}
            hint={text.originsHint}
            none={text.noOrigins}
            rowLabel={text.originLabel}
            addLabel={text.addOrigin}
            placeholder="https://"
            addresses={value.allowed_origins}
            errorAt={errorAt('allowed_origins')}
            error={listError('allowed_origins', value.allowed_origins)}
            readOnly={readOnly}
            onChange={(addresses) => set({ allowed_origins: addresses })}
          />
        </SettingsForm>
      </div>
    </SettingsSection>
  );
}

function filledOf(addresses: readonly string[]): string[] {
  return addresses.map((address) => address.trim()).filter((address) => address !== '');
}
