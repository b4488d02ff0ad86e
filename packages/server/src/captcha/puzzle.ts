import type { Chance } from '../chance.ts';
import type { CaptchaProvider } from '../core/abuse/index.ts';
import type { InstanceKey } from '../crypto/index.ts';
import { createProofOfWork, type ProofOfWork } from './proof-of-work.ts';
import { ADDRESSES, createService, type ServiceAddresses } from './service.ts';

/** The puzzle in force, with what is needed to show it. */
export type Puzzle =
  | { kind: 'pow'; provider: ProofOfWork }
  | { kind: 'hcaptcha' | 'turnstile'; provider: CaptchaProvider; siteKey: string };

/** Named as the settings are. */
interface PuzzleSettings {
  captcha: 'off' | Puzzle['kind'];
  captchaPowIterations: number;
  captchaHcaptchaSiteKey: string | undefined;
  captchaHcaptchaSecretKey: string | undefined;
  captchaTurnstileSiteKey: string | undefined;
  captchaTurnstileSecretKey: string | undefined;
  publicUrl: string;
  /** Web apps of other origins, which show a service's puzzle themselves and call `/v1`. */
  corsOrigins: readonly string[];
}

interface Dependencies extends Chance {
  key: Pick<InstanceKey, 'derive'>;
  addresses?: Partial<ServiceAddresses> | undefined;
}

/** What the operator chose; null while CAPTCHA is off. */
export function createPuzzle(settings: PuzzleSettings, deps: Dependencies): Puzzle | null {
  const kind = settings.captcha;
  if (kind === 'off') return null;
  if (kind === 'pow') {
    const iterations = settings.captchaPowIterations;
    return { kind, provider: createProofOfWork({ ...deps, iterations }) };
  }
  const own = new Set(hostOf(settings.publicUrl));
  const all = new Set([...own, ...settings.corsOrigins.flatMap(hostOf)]);
  const keys = keysOf(kind, settings);
  const provider = createService({
    name: kind,
    keys,
    addresses: { ...ADDRESSES, ...deps.addresses },
    clock: deps.clock,
    // An app's pages are its project's to name.
    hostsOf: (surface) => (surface === 'fluxer' ? all : own),
  });
  return { kind, provider, siteKey: keys.siteKey };
}

/** The configuration has refused a service without keys before anybody gets here. */
function keysOf(kind: 'hcaptcha' | 'turnstile', settings: PuzzleSettings) {
  const [siteKey = '', secretKey = ''] =
    kind === 'hcaptcha'
      ? [settings.captchaHcaptchaSiteKey, settings.captchaHcaptchaSecretKey]
      : [settings.captchaTurnstileSiteKey, settings.captchaTurnstileSecretKey];
  return { siteKey, secretKey };
}

function hostOf(origin: string): string[] {
  return URL.canParse(origin) ? [new URL(origin).hostname.toLowerCase()] : [];
}
