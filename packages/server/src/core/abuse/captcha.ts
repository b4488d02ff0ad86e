import { HOUR } from '../../chance.ts';
import { tokenHash } from '../../crypto/index.ts';
import type { Storage } from '../../storage/index.ts';
import { AuthError } from '../errors.ts';
import type { Surface } from '../surface.ts';
import { spendSolution } from './captcha-store.ts';

/** What a puzzle stands in front of. */
export type CaptchaAction = 'register' | 'login' | 'forgot';

interface CaptchaAnswer {
  action: CaptchaAction;
  surface: Surface;
  /** Names of hosts besides our own on whose pages it may have been solved. */
  hosts: readonly string[];
  /** What the solved puzzle gave the client; visible ASCII of bounded length, and nothing else is known of it. */
  token: string;
}

interface PassedCaptcha {
  /** Tells this solution from all others; the same for every spelling of it. */
  id: string;
  /** From then on the solution is refused for its age. */
  expiresAt: number;
}

/** The port: one kind of puzzle. */
export interface CaptchaProvider {
  readonly name: 'pow' | 'hcaptcha' | 'turnstile';
  /** Surfaces whose clients can show the puzzle; nobody else is asked for it. */
  readonly surfaces: ReadonlySet<Surface>;
  /** Null for a wrong answer. Throws when it cannot tell; nobody passes then. */
  judge(answer: CaptchaAnswer): Promise<PassedCaptcha | null>;
}

interface Asked {
  surface: Surface;
  action: CaptchaAction;
  /** Null or empty when none was sent. */
  token: string | null;
  /** The kind of puzzle the client says it solved; null when it does not say. */
  type: string | null;
  /** As of a `CaptchaAnswer`. */
  hosts?: readonly string[];
}

export interface Captcha {
  /**
   * Lets pass whoever solved the puzzle, once for each solution, or throws `captcha-required`, `captcha-refused` or
   * `captcha-unavailable`. The solution is used up whatever becomes of the request.
   */
  demand(asked: Asked): Promise<void>;
}

interface Dependencies {
  storage: Pick<Storage, 'db'>;
  /** Null while CAPTCHA is off. */
  provider: CaptchaProvider | null;
  /** Called for each request that is refused because the provider did not answer as it should. */
  onFailure(failure: { provider: CaptchaProvider['name']; error: unknown }): void;
}

/** Above what any provider gives out, below what a header may hold. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

export function createCaptcha({ storage, provider, onFailure }: Dependencies): Captcha {
  return {
    async demand({ surface, action, token, type, hosts = [] }) {
      if (!provider?.surfaces.has(surface)) return;
      if (!token) throw new AuthError('captcha-required');
      const isOther = type !== null && type.toLowerCase() !== provider.name;
      if (isOther || !TOKEN.test(token)) throw new AuthError('captcha-refused');
      let passed: PassedCaptcha | null;
      try {
        passed = await provider.judge({ surface, action, token, hosts });
      } catch (error) {
        onFailure({ provider: provider.name, error });
        throw new AuthError('captcha-unavailable');
      }
      // Providers promise that a solution counts once. This holds for those too that forget.
      const isFirst =
        passed !== null &&
        (await spendSolution(storage.db, {
          hash: tokenHash(`${provider.name} ${passed.id}`),
          // Nodes' clocks differ: the row must outlive the solution on the slowest of them.
          expiresAt: passed.expiresAt + HOUR,
        }));
      if (!isFirst) throw new AuthError('captcha-refused');
    },
  };
}
