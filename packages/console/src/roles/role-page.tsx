import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { isProblem, roleQuery, useAdminApi } from '../api/index.ts';
import { useMay } from '../permissions/index.ts';
import { strings } from '../strings.ts';
import { Badge, EmptyState, ErrorState, PageHeading, SkeletonRows } from '../ui/index.ts';
import { MembersSection } from './members-section.tsx';
import { RoleEditor } from './role-editor.tsx';

const route = getRouteApi('/settings/roles/$code');
const text = strings.roles;

export function RolePage() {
  const { code } = route.useParams();
  const role = useQuery(roleQuery(useAdminApi(), code));
  const mayWrite = useMay().administer('roles', 'write');

  return (
    <>
      <p className="crumb">
        <Link to="/settings/roles">{text.back}</Link>
      </p>
      <PageHeading title={code}>{!mayWrite && <Badge>{strings.access.readOnly}</Badge>}</PageHeading>
      {role.data !== undefined ? (
        <>
          <RoleEditor key={`${code} editor`} role={role.data} readOnly={!mayWrite} />
          <MembersSection key={`${code} members`} code={code} readOnly={!mayWrite} />
        </>
      ) : (
        <div className="card">
          {isProblem(role.error, 'not_found') ? (
            <EmptyState icon="users" title={text.missingTitle} body={text.missingBody} />
          ) : role.isError ? (
            <ErrorState error={role.error} onRetry={() => void role.refetch()} busy={role.isFetching} />
          ) : (
            <SkeletonRows count={5} />
          )}
        </div>
      )}
    </>
  );
}
