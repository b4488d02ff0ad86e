import { useQueryClient } from '@tanstack/react-query';
import { type AuthUserAddress, type AuthUserDetail, keys, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Badge, FormProblem, Switch, useNotice } from '../ui/index.ts';

const text = strings.projectUser;

interface FactorsCardProps {
  at: AuthUserAddress;
  user: AuthUserDetail;
  readOnly: boolean;
}

/** What the user has besides a password, and whether it is asked for. */
export function FactorsCard({ at, user, readOnly }: FactorsCardProps) {
  const api = useAdminApi();
  const client = useQueryClient();
  const notify = useNotice();
  const require = useConfirmedAction({
    run: (isRequired: boolean) => api.changeAuthUser(at, { mfa_required: isRequired }),
    changes: [keys.authUsers(at.projectId), keys.audit],
    onDone(changed) {
      client.setQueryData(keys.authUser(at), changed);
      const name = changed.email ?? changed.id;
      notify(changed.mfa_required ? text.mfaNowRequired(name) : text.mfaNotRequired(name));
    },
  });
  return (
    <section className="card card-padded" aria-labelledby="factors-title">
      <h2 id="factors-title">{text.factors}</h2>
      {user.factors.length === 0 ? (
        <p className="muted">{text.noFactors}</p>
      ) : (
        <p className="badges">
          {user.factors.map((factor) => (
            <Badge key={factor}>{strings.factors.names[factor] ?? factor}</Badge>
          ))}
          {user.phone_hint !== null && <span className="muted">{user.phone_hint}</span>}
        </p>
      )}
      <div className="switch-row">
        <div>
          <p className="strong">{text.mfaRequired}</p>
          <p className="muted">{text.mfaRequiredBody}</p>
        </div>
        <Switch
          label={text.mfaRequired}
          isOn={user.mfa_required}
          busy={require.isPending}
          disabled={readOnly}
          onChange={(isRequired) => require.mutate(isRequired)}
        />
      </div>
      <FormProblem error={shownError(require.error)} />
    </section>
  );
}
