import type { Permissions } from '../api/index.ts';
import { strings } from '../strings.ts';
import { adminText, resourceText } from './rows.ts';

/** What somebody holds by their roles: to be seen beside their own rows, and changed only in the role. */
export function RoleRows({ permissions: { resources, admin } }: { permissions: Permissions }) {
  if (resources.length + admin.length === 0) return null;
  return (
    <div className="role-rows">
      <h3>{strings.rights.byRoles}</h3>
      <ul aria-label={strings.rights.byRoles} className="muted">
        {resources.map((row) => (
          <li key={resourceText(row)}>
            <code>{resourceText(row)}</code>
          </li>
        ))}
        {admin.map((row) => (
          <li key={adminText(row)}>
            <code>{adminText(row)}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
