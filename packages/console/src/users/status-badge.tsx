import { strings } from '../strings.ts';
import { Badge } from '../ui/index.ts';

const names = strings.user.statuses;

/** Besides being suspended an account may be closed by its owner, for a while or on the way out. */
export function StatusBadge({ status }: { status: string }) {
  if (status === 'active') return <Badge tone="good">{strings.user.active}</Badge>;
  if (status === 'suspended') return <Badge tone="bad">{strings.user.suspended}</Badge>;
  return <Badge tone="warning">{names[status] ?? status}</Badge>;
}
