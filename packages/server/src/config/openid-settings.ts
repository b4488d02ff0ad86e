import { z } from 'zod';
import { issuedSecret, issuerUrl, onOff, optionalText, spacedList, text } from './kinds.ts';
import { setting } from './setting.ts';

const unset: string | undefined = undefined;

/** Signing in at an OpenID provider of the operator's choice, under the names of Flecto's contract A10. */
export const openidSettings = {
  openidEnabled: setting({
    path: 'openid.enabled',
    schema: onOff,
    default: false,
    about: 'Lets people sign in at an OpenID provider. See [OpenID](openid.md).',
  }),
  openidName: setting({
    path: 'openid.name',
    schema: text.pipe(z.string().max(60, 'use 60 characters or fewer')),
    default: '',
    about: 'What the button calls the provider, such as `Google`.',
  }),
  openidIcon: setting({
    path: 'openid.icon',
    schema: text.pipe(
      z
        .string()
        .regex(
          /^$|^(google|keycloak|microsoft)$|^https:\/\/[^\s"'<>]+$/,
          'use google, keycloak, microsoft, or the https URL of a picture',
        ),
    ),
    default: '',
    about: 'The picture on it: `google`, `keycloak`, `microsoft`, or the https URL of one.',
  }),
  openidProviderUrl: setting({
    path: 'openid.provider_url',
    schema: issuerUrl.optional(),
    default: unset,
    about:
      "The provider's issuer, exactly as its discovery document spells it, without `/.well-known/…`; https, or http to this machine.",
  }),
  openidClientId: setting({
    path: 'openid.client_id',
    schema: optionalText,
    default: unset,
    about: 'What the provider calls this server.',
  }),
  openidClientSecret: setting({
    path: 'openid.client_secret',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Secret that the provider issued with it.',
  }),
  openidRedirectUrl: setting({
    path: 'openid.redirect_url',
    schema: text.pipe(
      z
        .string()
        .regex(
          /^$|^https?:\/\/[^/?#\s@]+\/[^?#\s]*$/,
          'use a URL such as https://login.example.com/auth/openid/callback',
        ),
    ),
    default: '',
    about:
      'Where the provider sends people back; register the same there. Empty: `/auth/openid/callback` under the public URL.',
  }),
  openidScopes: setting({
    path: 'openid.scopes',
    schema: spacedList,
    default: [],
    about: 'What the provider is asked for, separated by blanks or commas. Empty: `openid profile email`.',
  }),
  openidRolesClaim: setting({
    path: 'openid.roles_claim',
    schema: text.pipe(z.string().max(200, 'use 200 characters or fewer')),
    default: '',
    about:
      'Where the ID token lists names of roles, as a path such as `realm_access.roles`. Roles of these names hold for as long as that sign-in lasts. Empty: none.',
  }),
};
