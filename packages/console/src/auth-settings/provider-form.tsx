import { type ChangeEvent, useId, useState } from 'react';
import type { AuthProject, Provider, ProviderChange, ProviderOptions } from '../api/index.ts';
import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { Button, ConfirmDialog, CopyButton, Field } from '../ui/index.ts';
import { settingError } from './setting-error.ts';
import { SettingsForm } from './settings-form.tsx';
import { useDraft } from './use-draft.ts';

const text = strings.authSettings;

const ownServerOptions = {
  google: ['issuer'],
  github: ['web_url', 'api_url'],
  microsoft: ['issuer'],
} as const;
const optionLabels = { issuer: text.issuer, web_url: text.webUrl, api_url: text.apiUrl } as const;

function optionsOf(provider: Provider): (keyof ProviderOptions)[] {
  return [...(provider === 'microsoft' ? (['tenant'] as const) : []), ...ownServerOptions[provider]];
}

type Credentials = Required<ProviderOptions> & { client_id: string; client_secret: string };

/** A provider of one's own has a callback of the project's own, beside its issuer. */
function callbackAfterMove(
  { issuer }: Pick<AuthProject, 'issuer'>,
  { provider, isOwn }: { provider: Provider; isOwn: boolean },
): string {
  const base = isOwn ? issuer : issuer.replace(/\/projects\/[^/]+$/, '');
  return `${base}/oauth/${provider}/callback`;
}

/** What a provider gave for our app. The secret goes one way: it is sent, and never told again. */
export function ProviderForm({ provider }: { provider: Provider }) {
  const { project, readOnly } = useProject();
  const kept = project.providers[provider] ?? null;
  const name = text.methodNames[provider];
  const place = (field: string) => `providers.${provider}.${field}`;
  const draft = useDraft<Credentials>({
    ...{ client_id: '', issuer: '', tenant: '', web_url: '', api_url: '' },
    ...kept,
    client_secret: '',
  });
  const save = useProjectChange(draft.discard);
  const { value, set } = draft;
  const [isRemoving, setRemoving] = useState(false);
  const ownServer = ownServerOptions[provider];
  const isMoving = ownServer.some((option) => value[option].trim() !== (kept?.[option] ?? ''));
  // It has to be registered before there is a client id to be saved.
  const callbackUrl = isMoving
    ? callbackAfterMove(project, { provider, isOwn: ownServer.some((option) => value[option].trim() !== '') })
    : project.callback_urls[provider];

  const submit = () => {
    const change: ProviderChange = {
      client_id: value.client_id.trim(),
      ...(value.client_secret !== '' && { client_secret: value.client_secret }),
    };
    for (const option of optionsOf(provider)) {
      const typed = value[option].trim();
      // One that is left out has its default.
      if (typed !== '') change[option] = typed;
    }
    save.mutate({ change: { providers: { [provider]: change } } });
  };
  const optionField = (option: keyof ProviderOptions) => ({
    error: settingError(save.error, place(option)),
    value: value[option],
    onChange: (event: ChangeEvent<HTMLInputElement>) => set({ [option]: event.target.value }),
  });

  return (
    <>
      <SettingsForm
        save={save}
        places={['client_id', 'client_secret', ...optionsOf(provider)].map(place)}
        isChanged={draft.isChanged}
        onDiscard={draft.discard}
        onSubmit={submit}
        saveLabel={text.saveNamed(name)}
        actions={
          kept !== null && (
            <Button variant="danger-quiet" onClick={() => setRemoving(true)}>
              {text.removeCredentials}
            </Button>
          )
        }
      >
        <CallbackAddress address={callbackUrl} name={name} />
        <Field
          label={text.clientId}
          error={settingError(save.error, place('client_id'))}
          value={value.client_id}
          onChange={(event) => set({ client_id: event.target.value })}
          required
          maxLength={300}
        />
        <Field
          label={text.clientSecret}
          hint={kept?.has_secret ? text.secretKept : text.secretHint}
          error={settingError(save.error, place('client_secret'))}
          type="password"
          // No browser may take it for the password of whoever is at work here.
          autoComplete="new-password"
          value={value.client_secret}
          onChange={(event) => set({ client_secret: event.target.value })}
          required={kept?.has_secret !== true}
          maxLength={2000}
        />
        {provider === 'microsoft' && (
          <Field
            label={text.tenant}
            hint={text.tenantHint}
            placeholder="common"
            maxLength={100}
            {...optionField('tenant')}
          />
        )}
        <details className="own-server" open={ownServer.some((option) => value[option] !== '')}>
          <summary>{text.ownServer}</summary>
          <div className="form-fields">
            <p className="muted">{text.ownServerHint}</p>
            {ownServer.map((option) => (
              <Field
                key={option}
                label={optionLabels[option]}
                type="url"
                placeholder="https://"
                maxLength={2048}
                {...optionField(option)}
              />
            ))}
          </div>
        </details>
      </SettingsForm>
      {isRemoving && !readOnly && <RemoveDialog provider={provider} onDismiss={() => setRemoving(false)} />}
    </>
  );
}

function CallbackAddress({ address, name }: { address: string; name: string }) {
  const id = useId();
  const hintId = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {text.callback}
      </label>
      <div className="address-row">
        <input id={id} className="input" readOnly value={address} aria-describedby={hintId} />
        <CopyButton value={address} what={text.callback} />
      </div>
      <p id={hintId} className="field-hint muted">
        {text.callbackHint(name)}
      </p>
    </div>
  );
}

function RemoveDialog({ provider, onDismiss }: { provider: Provider; onDismiss: () => void }) {
  const name = text.methodNames[provider];
  const remove = useProjectChange(onDismiss);
  return (
    <ConfirmDialog
      danger
      title={text.removeTitle(name)}
      description={text.removeBody(name)}
      confirmLabel={text.removeCredentials}
      busy={remove.isPending}
      error={shownError(remove.error)}
      onConfirm={() =>
        remove.mutate({ change: { providers: { [provider]: null } }, said: text.removed(name) })
      }
      onDismiss={onDismiss}
    />
  );
}
