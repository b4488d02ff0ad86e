import { abuseMigrations } from './core/abuse/index.ts';
import { accessMigrations } from './core/access/index.ts';
import { auditMigrations } from './core/audit/index.ts';
import { contactMigrations } from './core/contact/index.ts';
import { contactChangeMigrations } from './core/contact-change/index.ts';
import { eventMigrations } from './core/events/index.ts';
import { handoffMigrations } from './core/handoff/index.ts';
import { instanceMigrations } from './core/instance/index.ts';
import { linkTokenMigrations } from './core/link-token/index.ts';
import { locationMigrations } from './core/location/index.ts';
import { magicLinkMigrations } from './core/magic-link/index.ts';
import { mailedCodeMigrations } from './core/mailed-code/index.ts';
import { noticeMigrations } from './core/notice/index.ts';
import { passwordChangeMigrations } from './core/password-change/index.ts';
import { phoneMigrations } from './core/phone/index.ts';
import { profileMigrations } from './core/profile/index.ts';
import { projectMigrations } from './core/project/index.ts';
import { returnCodeMigrations } from './core/return-code/index.ts';
import { sessionMigrations } from './core/session/index.ts';
import { sessionFactorMigrations } from './core/session-factor/index.ts';
import { signInMigrations } from './core/sign-in/index.ts';
import { signingKeyMigrations } from './core/signing-key/index.ts';
import { siteMigrations } from './core/site/index.ts';
import { socialMigrations } from './core/social/index.ts';
import { ssoMigrations } from './core/sso/index.ts';
import { stepUpMigrations } from './core/step-up/index.ts';
import { userMigrations } from './core/user/index.ts';
import { deliveryMigrations } from './delivery/index.ts';
import { methodMigrations } from './methods/index.ts';
import type { Migration } from './storage/index.ts';

/** Every table there is; a feature owns its own and says so here with one line. */
export const migrations: readonly Migration[] = [
  ...instanceMigrations,
  ...projectMigrations,
  ...userMigrations,
  ...auditMigrations,
  ...profileMigrations,
  ...abuseMigrations,
  ...linkTokenMigrations,
  ...contactMigrations,
  ...magicLinkMigrations,
  ...mailedCodeMigrations,
  ...contactChangeMigrations,
  ...passwordChangeMigrations,
  ...phoneMigrations,
  ...sessionMigrations,
  ...returnCodeMigrations,
  ...sessionFactorMigrations,
  ...stepUpMigrations,
  ...signingKeyMigrations,
  ...eventMigrations,
  ...accessMigrations,
  ...signInMigrations,
  ...ssoMigrations,
  ...socialMigrations,
  ...locationMigrations,
  ...handoffMigrations,
  ...noticeMigrations,
  ...siteMigrations,
  ...methodMigrations,
  ...deliveryMigrations,
];
