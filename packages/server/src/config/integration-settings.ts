import { z } from 'zod';
import { issuedSecret, nameServers, onOff, optionalText, serviceUrl, text, whole } from './kinds.ts';
import { setting } from './setting.ts';

const unset: string | undefined = undefined;

/** Services that are asked only when the operator names them. */
export const integrationSettings = {
  smsEnabled: setting({
    path: 'integrations.sms.enabled',
    schema: onOff,
    default: false,
    about: 'Sends codes by SMS through Twilio Verify. Off: they go to the dev mailbox, if there is one.',
  }),
  smsAccountSid: setting({
    path: 'integrations.sms.account_sid',
    schema: optionalText,
    default: unset,
    about: "Twilio's account SID, `AC…`.",
  }),
  smsAuthToken: setting({
    path: 'integrations.sms.auth_token',
    schema: issuedSecret,
    default: unset,
    secret: true,
    about: 'Auth token of that account.',
  }),
  smsVerifyServiceSid: setting({
    path: 'integrations.sms.verify_service_sid',
    schema: optionalText,
    default: unset,
    about: 'SID of the Verify service, `VA…`.',
  }),
  smsApiBaseUrl: setting({
    path: 'integrations.sms.api_base_url',
    schema: serviceUrl,
    default: 'https://verify.twilio.com',
    about: 'Where the Verify API is reached; another address for a proxy of your own or a test.',
  }),
  smsHourlyLimit: setting({
    path: 'integrations.sms.hourly_limit',
    schema: whole(1, 1_000_000),
    default: 500,
    about:
      'Codes sent in an hour at the most, all numbers together: what somebody who makes the server send for nothing can cost.',
  }),
  breachedPasswordsUrl: setting({
    path: 'breached_passwords_url',
    schema: z.union([z.literal(''), serviceUrl], 'use an https URL; http only to this machine'),
    default: '',
    about:
      'Where passwords are looked up that were stolen elsewhere, such as `https://api.pwnedpasswords.com/range/`: whoever sets one of them must choose another. Only five characters of its hash are told. A service that does not answer in three seconds stops nobody. Empty: nobody is asked.',
  }),
  checkEmailDomain: setting({
    path: 'check_email_domain',
    schema: onOff,
    default: false,
    about:
      'Asks the name server whether the domain of an address takes mail, before a mail goes there for somebody who registers, forgot a password or changes the address. No answer in three seconds stops nobody.',
  }),
  dnsServers: setting({
    path: 'dns_servers',
    schema: nameServers,
    default: [],
    about:
      "Name servers that `check_email_domain` asks, as addresses with or without a port, separated by commas. Empty: the system's own.",
  }),
  geoipDbPath: setting({
    path: 'geoip.maxmind_db_path',
    schema: text,
    default: '',
    about:
      'MMDB file with places of addresses (GeoLite2, DB-IP or IPinfo). Empty: a place is a network prefix and is shown without a name.',
  }),
};
