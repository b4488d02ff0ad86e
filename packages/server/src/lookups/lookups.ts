import { createBreachedPasswords } from './breached-passwords.ts';
import { createMailDomains } from './mail-domains.ts';

interface Options {
  breachedPasswordsUrl: string;
  checkEmailDomain: boolean;
  dnsServers: readonly string[];
  clock: () => number;
  /** Told of whoever did not answer. */
  onBackgroundError(error: unknown): void;
}

/** What core is handed of the outside world; with nothing configured, answers that ask nobody. */
export function createLookups({ breachedPasswordsUrl: url, dnsServers, checkEmailDomain, ...rest }: Options) {
  const { clock, onBackgroundError } = rest;
  return {
    isBreached: createBreachedPasswords({ url, clock, onBackgroundError }),
    canReceiveMail: createMailDomains({
      isOn: checkEmailDomain,
      servers: dnsServers,
      clock,
      onBackgroundError,
    }),
  };
}
