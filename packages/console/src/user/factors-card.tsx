import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, meQuery, type User, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { Badge, Button, ConfirmDialog, useNotice } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
import { useSensitiveAction } from './use-sensitive-action.ts';

const text = strings.factors;

/** What the user signs in with besides the password, and the way out for who has lost all of it. */
export function FactorsCard({ user }: { user: User }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const me = useQuery(meQuery(api));
  const mayWrite = useMay().administer('users', 'write');
  const notify = useNotice();
  const [isAsking, setAsking] = useState(false);
  const name = displayName(user);
  const remove = useSensitiveAction({
    userId: user.id,
    run: (_: undefined) => api.removeFactors(user.id),
    onDone(changed) {
      client.setQueryData(keys.user(user.id), changed);
      setAsking(false);
      notify(text.removed(name));
    },
  });
  const ask = () => {
    remove.reset();
    setAsking(true);
  };
  // One's own go one by one on the account's page.
  const isRemovable =
    user.factors.length > 0 && mayWrite && me.data !== undefined && me.data.user.id !== user.id;

  return (
    <section className="card card-padded" aria-labelledby="factors-title">
      <h2 id="factors-title">{text.title}</h2>
      {user.factors.length === 0 ? (
        <p className="muted">{text.none}</p>
      ) : (
        <p className="badges">
          {user.factors.map((factor) => (
            <Badge key={factor}>{text.names[factor] ?? factor}</Badge>
          ))}
        </p>
      )}
      {isRemovable && (
        <Button variant="danger-quiet" onClick={ask}>
          {text.remove}
        </Button>
      )}
      {isAsking && (
        <ConfirmDialog
          danger
          title={text.removeTitle(name)}
          description={text.removeBody}
          confirmLabel={text.removeConfirm}
          busy={remove.isPending}
          error={shownError(remove.error)}
          onConfirm={() => remove.mutate(undefined)}
          onDismiss={() => setAsking(false)}
        />
      )}
    </section>
  );
}
