import { useId, useState } from 'react';
import type { AuthProject, Provider, SignInMethod } from '../api/index.ts';
import { useProject, useProjectChange } from '../auth-projects/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { Badge, FormProblem, Icon, Switch } from '../ui/index.ts';
import { PasskeyForm } from './passkey-form.tsx';
import { ProviderForm } from './provider-form.tsx';

const text = strings.authSettings;

/** A way to sign in: its switch, which acts at once, and what else it needs. */
export function MethodRow({ method }: { method: SignInMethod }) {
  const { project, readOnly } = useProject();
  const turn = useProjectChange();
  const bodyId = useId();
  const name = text.methodNames[method];
  const isOn = project.settings.methods[method];
  const provider = providerOf(method);
  const isIncomplete = isOn && provider !== null && !hasCredentials(project, provider);
  // Whoever switches on what cannot work yet is shown what it lacks.
  const [isOpen, setOpen] = useState(isIncomplete);
  const hasMore = provider !== null || method === 'passkey';

  const change = (willBeOn: boolean) =>
    turn.mutate(
      {
        change: { settings: { methods: { [method]: willBeOn } } },
        said: willBeOn ? text.switchedOn(name) : text.switchedOff(name),
      },
      {
        onSuccess: ({ changed }) => {
          if (willBeOn && provider !== null && !hasCredentials(changed, provider)) setOpen(true);
        },
      },
    );

  return (
    <li className="method">
      <div className="method-row">
        <div className="method-name">
          <p>
            <span className="strong">{name}</span>{' '}
            {isIncomplete && <Badge tone="warning">{text.incomplete}</Badge>}
          </p>
          <p className="muted">{text.methodBodies[method]}</p>
        </div>
        {hasMore && (
          <button
            type="button"
            className="button button-ghost disclosure"
            aria-expanded={isOpen}
            aria-controls={bodyId}
            aria-label={text.setUpNamed(name)}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="chevron" />
            {text.setUp}
          </button>
        )}
        <Switch label={name} isOn={isOn} busy={turn.isPending} disabled={readOnly} onChange={change} />
      </div>
      <FormProblem error={shownError(turn.error)} />
      {/* What was typed stays there while it is shut. */}
      {hasMore && (
        <section id={bodyId} className="method-more" aria-label={text.setUpNamed(name)} hidden={!isOpen}>
          {provider !== null ? <ProviderForm provider={provider} /> : <PasskeyForm />}
        </section>
      )}
    </li>
  );
}

function providerOf(method: SignInMethod): Provider | null {
  return method === 'google' || method === 'github' || method === 'microsoft' ? method : null;
}

function hasCredentials({ providers }: AuthProject, provider: Provider): boolean {
  return providers[provider]?.has_secret === true;
}
