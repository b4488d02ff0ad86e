import type { User } from '../api/index.ts';
import { displayName } from './names.ts';

export function Avatar({ user }: { user: User }) {
  const initial = Array.from(displayName(user))[0] ?? '?';
  return (
    <span className="avatar" aria-hidden="true">
      {initial.toLocaleUpperCase()}
    </span>
  );
}
