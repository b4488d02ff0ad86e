import { strings } from '../strings.ts';

const text = strings.suspension;

interface SuspendedBannerProps {
  user: { status: string; suspended_reason: string | null };
}

export function SuspendedBanner({ user }: SuspendedBannerProps) {
  if (user.status !== 'suspended') return null;
  return (
    <div className="banner">
      <p className="strong">{text.banner}</p>
      {user.suspended_reason !== null && <p>{text.bannerReason(user.suspended_reason)}</p>}
    </div>
  );
}
