import type { AuthProject, AuthProjectChange } from '../api/index.ts';
import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { Field } from '../ui/index.ts';
import { BrandPreview } from './brand-preview.tsx';
import { ColorField } from './color-field.tsx';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { SettingsSection } from './settings-section.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;
const places = ['name', 'settings.branding.logo_url', 'settings.branding.color'];

export function BrandingSection() {
  const { project } = useProject();
  const draft = useDraft({ name: project.name, ...project.settings.branding });
  const save = useProjectChange(draft.discard);
  const { value, set } = draft;
  const submit = () => {
    const { name, ...branding } = draft.changes;
    const change: AuthProjectChange = {
      ...(name !== undefined && { name: name.trim() }),
      ...(Object.keys(branding).length > 0 && { settings: { branding } }),
    };
    save.mutate({ change });
  };
  return (
    <SettingsSection title={text.branding} body={text.brandingBody}>
      <div className="card card-padded branding">
        <SettingsForm
          save={save}
          places={places}
          isChanged={draft.isChanged}
          onDiscard={draft.discard}
          onSubmit={submit}
        >
          <Field
            label={text.name}
            error={settingError(save.error, 'name')}
            value={value.name}
            onChange={(event) => set({ name: event.target.value })}
            autoCapitalize="words"
            required
            maxLength={100}
          />
          <Field
            label={text.logo}
            hint={text.logoHint}
            error={settingError(save.error, 'settings.branding.logo_url')}
            type="url"
            placeholder="https://"
            value={value.logo_url ?? ''}
            onChange={(event) => set({ logo_url: event.target.value.trim() || null })}
            maxLength={2048}
          />
          <ColorField
            color={value.color}
            error={settingError(save.error, 'settings.branding.color')}
            onChange={(color) => set({ color })}
          />
        </SettingsForm>
        <BrandPreview
          name={value.name}
          color={value.color}
          logoUrl={value.logo_url}
          signInUrl={signInPageOf(project)}
        />
      </div>
    </SettingsSection>
  );
}

/** The challenge belongs to nobody: the page is there to be looked at, and what it gives out opens nothing. */
function signInPageOf({ sign_in_url, settings }: AuthProject): string | null {
  const [redirectUrl] = settings.redirect_urls;
  if (redirectUrl === undefined) return null;
  const query = new URLSearchParams({
    redirect_url: redirectUrl,
    code_challenge: 'A'.repeat(43),
    code_challenge_method: 'S256',
  });
  return `${sign_in_url}?${query}`;
}
