import { strings } from '../strings.ts';
import { useNow } from '../time/index.ts';
import { Badge } from '../ui/index.ts';
import { isExpired } from './expiry.ts';

export function ExpiredBadge({ expiresAt }: { expiresAt: string | null }) {
  const now = useNow();
  return isExpired(expiresAt, now) ? <Badge tone="bad">{strings.tokens.expired}</Badge> : null;
}
