import type { Permissions } from '../api/index.ts';
import { strings } from '../strings.ts';
import { adminText, resourceText } from './rows.ts';

/** How much there is; the rows themselves are one step away. */
export function RightsSummary({ permissions: { resources, admin } }: { permissions: Permissions }) {
  if (resources.length + admin.length === 0) {
    return <span className="muted">{strings.rights.noneShort}</span>;
  }
  const rows = [...resources.map(resourceText), ...admin.map(adminText)];
  return <span title={rows.join('\n')}>{strings.rights.summary(resources.length, admin.length)}</span>;
}
