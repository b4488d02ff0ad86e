import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, type Permissions, type Role, useAdminApi } from '../api/index.ts';
import { SavedRights } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Time } from '../time/index.ts';
import { Button, ConfirmDialog, Fact, useNotice } from '../ui/index.ts';

const text = strings.roles;

export function RoleEditor({ role, readOnly }: { role: Role; readOnly: boolean }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  return (
    <div className="with-side">
      <SavedRights
        saved={role.permissions}
        readOnly={readOnly}
        save={async (permissions: Permissions) => {
          const changed = await api.replaceRolePermissions(role.code, permissions);
          client.setQueryData(keys.role(role.code), changed);
          return changed.permissions;
        }}
        // It may be one's own role.
        changes={[keys.roles, keys.audit, keys.allRights, keys.me]}
      />
      <section className="card card-padded side" aria-labelledby="details-title">
        <h2 id="details-title">{text.details}</h2>
        <dl className="facts">
          <Fact name={text.columns.created}>
            <Time iso={role.created_at} withAbsolute />
          </Fact>
          <Fact name={text.columns.updated}>
            <Time iso={role.updated_at} withAbsolute />
          </Fact>
        </dl>
        {!readOnly && (
          <Button variant="danger-quiet" onClick={() => setDeleting(true)}>
            {text.delete}
          </Button>
        )}
      </section>
      {isDeleting && <DeleteRoleDialog code={role.code} onDismiss={() => setDeleting(false)} />}
    </div>
  );
}

function DeleteRoleDialog({ code, onDismiss }: { code: string; onDismiss: () => void }) {
  const api = useAdminApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotice();
  const remove = useConfirmedAction({
    run: (_: undefined) => api.deleteRole(code),
    changes: [keys.roles, keys.audit, keys.allRights, keys.me],
    onDone() {
      notify(text.deleted(code));
      void navigate({ to: '/settings/roles', replace: true }).then(() =>
        client.removeQueries({ queryKey: keys.role(code) }),
      );
    },
  });
  return (
    <ConfirmDialog
      danger
      title={text.deleteTitle(code)}
      description={text.deleteBody}
      confirmLabel={text.delete}
      busy={remove.isPending}
      error={shownError(remove.error)}
      onConfirm={() => remove.mutate(undefined)}
      onDismiss={onDismiss}
    />
  );
}
