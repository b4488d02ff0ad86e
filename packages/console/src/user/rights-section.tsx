import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys, type Permissions, rightsQuery, type UserRights, useAdminApi } from '../api/index.ts';
import { RoleRows, rowsBeyond, SavedRights, useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, ErrorState, SkeletonRows } from '../ui/index.ts';
import { RolePicker } from '../users/index.ts';

/** A user's own rows and roles, to change; what the roles give besides, to see. */
export function RightsSection({ userId }: { userId: string }) {
  const rights = useQuery(rightsQuery(useAdminApi(), userId));
  const mayWrite = useMay().administer('users', 'write');
  return (
    <div className="section">
      {!mayWrite && (
        <p className="badges section-heading">
          <Badge>{strings.access.readOnly}</Badge>
        </p>
      )}
      {rights.data !== undefined ? (
        <RightsForm userId={userId} rights={rights.data} readOnly={!mayWrite} />
      ) : (
        <div className="card">
          {rights.isError ? (
            <ErrorState error={rights.error} onRetry={() => void rights.refetch()} busy={rights.isFetching} />
          ) : (
            <SkeletonRows count={2} />
          )}
        </div>
      )}
    </div>
  );
}

interface RightsFormProps {
  userId: string;
  rights: UserRights;
  readOnly: boolean;
}

function RightsForm({ userId, rights, readOnly }: RightsFormProps) {
  const api = useAdminApi();
  const client = useQueryClient();
  const [roles, setRoles] = useState<readonly string[]>(rights.roles);
  const hasOtherRoles = [...roles].sort().join() !== [...rights.roles].sort().join();
  return (
    <SavedRights
      title={strings.rights.sectionTitle}
      saved={rights.permissions}
      readOnly={readOnly}
      save={async (permissions: Permissions) => {
        const changed = await api.replaceRights(userId, { permissions, roles });
        client.setQueryData(keys.rights(userId), changed);
        setRoles(changed.roles);
        return changed.permissions;
      }}
      // They may be one's own.
      changes={[keys.user(userId), keys.users, keys.audit, keys.me]}
      isChangedBeside={hasOtherRoles}
    >
      <RolePicker value={roles} onChange={setRoles} readOnly={readOnly} />
      <RoleRows permissions={rowsBeyond(rights.effective, rights.permissions)} />
    </SavedRights>
  );
}
