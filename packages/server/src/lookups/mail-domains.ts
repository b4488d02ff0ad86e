import { Resolver } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { domainToASCII } from 'node:url';
import { remembered } from './remembered.ts';

interface Options {
  /** Off: every domain is taken for a good one, and nobody is asked. */
  isOn: boolean;
  /** Name servers as `address` or `address:port`; empty for the system's own. */
  servers: readonly string[];
  clock: () => number;
  /** Told when no server gave an answer; the domain is then taken for a good one. */
  onBackgroundError(error: unknown): void;
}

const TIMEOUT_MS = 3_000;
const ATMOST = 10_000;
/** What a name server says when there is no such name, or nothing of this kind under it. */
const NOTHING = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Whether mail to an address could arrive anywhere: its domain has an MX record, or an address itself (RFC 5321,
 * section 5.1), and does not say that it takes no mail (RFC 7505). Only a clear no counts.
 */
export function createMailDomains({ isOn, servers, clock, onBackgroundError }: Options) {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  if (servers.length > 0) resolver.setServers([...servers]);

  async function takesMail(domain: string): Promise<boolean> {
    const answers = Promise.allSettled([
      resolver.resolveMx(domain),
      resolver.resolve4(domain),
      resolver.resolve6(domain),
    ]);
    const [mx, ...addresses] = await inTime(answers);
    if (mx.status === 'fulfilled')
      return mx.value.some(({ exchange }) => exchange !== '' && exchange !== '.');
    if (addresses.some(({ status }) => status === 'fulfilled')) return true;
    const unknown = [mx, ...addresses].find(
      (answer) => answer.status === 'rejected' && !isNothing(answer.reason),
    );
    if (unknown?.status === 'rejected') throw unknown.reason;
    return false;
  }

  const ask = remembered(takesMail, { clock, atMost: ATMOST });

  return async (address: string): Promise<boolean> => {
    if (!isOn) return true;
    try {
      return await ask(domainToASCII(address.slice(address.lastIndexOf('@') + 1)));
    } catch (cause) {
      onBackgroundError(new Error('check_email_domain got no answer from the name server.', { cause }));
      return true;
    }
  };
}

function isNothing(reason: unknown): boolean {
  return NOTHING.has((reason as { code?: string }).code ?? '');
}

/** The resolver's own patience is by server and by question; this is for all of them together. */
async function inTime<T>(answers: Promise<T>): Promise<T> {
  const late = wait(TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`no answer in ${TIMEOUT_MS} ms`);
  });
  return await Promise.race([answers, late]);
}
