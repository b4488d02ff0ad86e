import { z } from 'zod';
import {
  base64urlBytes,
  domainName,
  issuedSecret,
  mailAddress,
  onOff,
  optionalText,
  ownSecret,
  passkeyOrigins,
  text,
  whole,
} from './kinds.ts';
import { setting } from './setting.ts';

const unset: string | undefined = undefined;

const NOT_USED_YET =
  'Not used yet: taken so that a file written for it starts; connections to Bluesky come later.';

/** Seed 000's `auth` block, in our spelling (contract 8.1). */
export const authSettings = {
  sudoModeSecret: setting({
    path: 'auth.sudo_mode_secret',
    schema: ownSecret,
    default: unset,
    secret: true,
    about:
      'Signs the proof that a person has just proved again who he is; the same on all nodes, at least 32 bytes. Unset: derived from the instance key.',
  }),
  sudoModeMinutes: setting({
    path: 'auth.sudo_mode_minutes',
    schema: whole(1, 60),
    default: 15,
    about: 'How long that proof opens sensitive actions.',
  }),
  connectionInitiationSecret: setting({
    path: 'auth.connection_initiation_secret',
    schema: ownSecret,
    default: unset,
    secret: true,
    about:
      'Signs the tokens that begin linking an outside account; the same on all nodes, at least 32 bytes. Unset: derived from the instance key.',
  }),
  passkeyRpName: setting({
    path: 'auth.passkeys.rp_name',
    schema: text.pipe(z.string().max(60)),
    default: '',
    about: 'What devices call this server when they keep a passkey. Empty: the site name.',
  }),
  passkeyRpId: setting({
    path: 'auth.passkeys.rp_id',
    schema: domainName,
    default: '',
    about:
      "Domain that passkeys belong to: the public URL's host or a parent domain of it. Passkeys made under one are lost under another. Empty: the public URL's host.",
  }),
  passkeyOrigins: setting({
    path: 'auth.passkeys.additional_allowed_origins',
    schema: passkeyOrigins,
    default: [],
    about:
      "Further origins whose passkey answers are taken, separated by commas: web apps below `rp_id`, or apps as `android:apk-key-hash:…`. The public URL's own is always allowed.",
  }),
  vapidPublicKey: setting({
    path: 'auth.vapid.public_key',
    schema: base64urlBytes(65),
    default: unset,
    about:
      'Public half of the key pair that web push is sent with (VAPID), in base64url. Both unset: made at the first start and kept sealed in the database.',
  }),
  vapidPrivateKey: setting({
    path: 'auth.vapid.private_key',
    schema: base64urlBytes(32),
    default: unset,
    secret: true,
    about: 'Private half of that pair.',
  }),
  vapidEmail: setting({
    path: 'auth.vapid.email',
    schema: mailAddress,
    default: '',
    about: 'Whom push services write to about the pushes of this server. Empty: the address of `mail_from`.',
  }),
  blueskyEnabled: setting({
    path: 'auth.bluesky.enabled',
    schema: onOff,
    default: false,
    about: NOT_USED_YET,
  }),
  blueskyClientId: setting({
    path: 'auth.bluesky.client_id',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyClientSecret: setting({
    path: 'auth.bluesky.client_secret',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: `${NOT_USED_YET} Bluesky itself gives out no such secret.`,
  }),
  blueskyRedirectUri: setting({
    path: 'auth.bluesky.redirect_uri',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyClientName: setting({
    path: 'auth.bluesky.client_name',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyClientUri: setting({
    path: 'auth.bluesky.client_uri',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyLogoUri: setting({
    path: 'auth.bluesky.logo_uri',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyTosUri: setting({
    path: 'auth.bluesky.tos_uri',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyPolicyUri: setting({
    path: 'auth.bluesky.policy_uri',
    schema: optionalText,
    default: unset,
    about: NOT_USED_YET,
  }),
  blueskyKeys: setting({
    path: 'auth.bluesky.keys',
    schema: z.array(z.record(z.string(), z.string()), 'use a list of keys, in the file'),
    default: [],
    secret: true,
    about: `${NOT_USED_YET} A list, in the file: \`kid\` and \`private_key\` or \`private_key_path\`.`,
  }),
};
