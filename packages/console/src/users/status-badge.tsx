import type { User } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Badge } from '../ui/index.ts';

export function StatusBadge({ status }: { status: User['status'] }) {
  return status === 'suspended' ? (
    <Badge tone="bad">{strings.user.suspended}</Badge>
  ) : (
    <Badge tone="good">{strings.user.active}</Badge>
  );
}
