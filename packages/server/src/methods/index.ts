/**
 * Every way to prove who you are, one line each. A method lives in its own folder and knows neither its
 * siblings nor any surface.
 */
import type { Chance } from '../chance.ts';
import type { Mailboxes } from '../core/magic-link/index.ts';
import type { PhoneCodes } from '../core/phone/index.ts';
import type { SignInMethod } from '../core/sign-in/index.ts';
import type { SocialAttempts, SocialIdentities, SocialProviders } from '../core/social/index.ts';
import type { Identities, IdentityProvider, SsoAttempts } from '../core/sso/index.ts';
import type { PasswordHasher, Sealer } from '../crypto/index.ts';
import { createMagicLinkMethod } from './magic-link/index.ts';
import { createPasskeyMethod, passkeyMigrations, type RelyingPartyOf } from './passkey/index.ts';
import { createPasswordMethod, passwordMigrations } from './password/index.ts';
import { createRecoveryCodeMethod, recoveryCodeMigrations } from './recovery-code/index.ts';
import { createSmsCodeMethod, smsCodeMigrations } from './sms-code/index.ts';
import { createSocialMethods } from './social/index.ts';
import { createTotpMethod, totpMigrations } from './totp/index.ts';
import { createUpstreamOidcMethod } from './upstream-oidc/index.ts';

interface MethodDependencies extends Chance {
  hasher: PasswordHasher;
  sealer: Sealer;
  codes: PhoneCodes;
  relyingPartyOf: RelyingPartyOf;
  provider: IdentityProvider | null;
  attempts: SsoAttempts;
  identities: Identities;
  mailboxes: Mailboxes;
  socialAttempts: SocialAttempts;
  socialIdentities: SocialIdentities;
  socialProviders: SocialProviders;
}

export function createMethods(deps: MethodDependencies): readonly SignInMethod[] {
  return [
    createPasswordMethod(deps),
    createTotpMethod(deps),
    createSmsCodeMethod(deps),
    createPasskeyMethod(deps),
    createRecoveryCodeMethod(deps),
    createUpstreamOidcMethod(deps),
    createMagicLinkMethod(deps),
    ...createSocialMethods(deps),
  ];
}

export const methodMigrations = [
  ...passwordMigrations,
  ...totpMigrations,
  ...smsCodeMigrations,
  ...passkeyMigrations,
  ...recoveryCodeMigrations,
];
