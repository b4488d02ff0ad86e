import { otpauthUri } from '../../core/second-factor/index.ts';
import type { FactorChallenge, SessionFactor } from '../../core/session-factor/index.ts';
import type { User } from '../../core/user/index.ts';
import { qrCodeAsDataUri } from './qr-code.ts';

export function presentFactor({ id, type, isVerified, phone, createdAt }: SessionFactor) {
  return {
    id,
    type,
    status: isVerified ? ('verified' as const) : ('unverified' as const),
    phone_hint: phone === null ? null : `••••${phone.slice(-4)}`,
    created_at: new Date(createdAt).toISOString(),
  };
}

export function presentChallenge({ id, factorId, expiresAt }: FactorChallenge) {
  return { id, factor_id: factorId, expires_at: new Date(expiresAt).toISOString() };
}

export function presentSecret(named: { siteName: string; accountName: string; secret: string }) {
  const uri = otpauthUri(named);
  return { secret: named.secret, uri, qr_code: qrCodeAsDataUri(uri) };
}

export function presentAccount({ id, email, createdAt, isFactorDemanded, status }: User) {
  return {
    id,
    email: email?.address ?? null,
    email_verified: email?.verified ?? false,
    created_at: new Date(createdAt).toISOString(),
    mfa_required: isFactorDemanded,
    status,
  };
}
