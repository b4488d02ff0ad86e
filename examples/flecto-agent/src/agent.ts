import { type Manager, ManagerError } from './manager.ts';
import { type Rules, rulesFrom } from './rules.ts';

export interface Agent {
  /** What is served now. */
  readonly rules: Rules;
  /** The version it came with; 0 before the first load. */
  readonly version: number;
  /** Looks once whether there is something new. Throws when the manager cannot be asked; what is served stays. */
  check(): Promise<'loaded' | 'unchanged'>;
}

const MAX_ERROR = 500;

export function createAgent(manager: Manager, name: string): Agent {
  let rules = rulesFrom([], []);
  let version = 0;
  let loadDuration = 1;

  async function load(announced: number): Promise<void> {
    const begun = performance.now();
    const nanoseconds = () => Math.max(1, Math.round((performance.now() - begun) * 1e6));
    const report = { name, type: 'default', version: announced } as const;
    try {
      await manager.version();
      const redirects = await manager.redirects();
      const pages = await manager.pages();
      rules = rulesFrom(redirects, pages);
      // The one that was announced, though there may be a newer one by now: then the next look loads once more.
      version = announced;
      loadDuration = nanoseconds();
    } catch (error) {
      const text = String(error instanceof Error ? error.message : error).slice(0, MAX_ERROR);
      const failed = { ...report, status: 'error', load_duration: nanoseconds(), error: text } as const;
      // Whoever cannot be asked can often not be told either; the failure itself is what matters.
      await manager.report(failed).catch(() => undefined);
      throw error;
    }
    await manager.report({ ...report, status: 'success', load_duration: loadDuration, error: '' });
  }

  return {
    get rules() {
      return rules;
    },
    get version() {
      return version;
    },
    async check() {
      const announced = await manager.version();
      if (announced !== version) {
        await load(announced);
        return 'loaded';
      }
      try {
        await manager.hit(name);
      } catch (error) {
        // Somebody has deleted this agent at the manager; it is there, so it says so again.
        if (!(error instanceof ManagerError) || error.status !== 404) throw error;
        const report = { name, type: 'default', status: 'success', version } as const;
        await manager.report({ ...report, load_duration: loadDuration, error: '' });
      }
      return 'unchanged';
    },
  };
}
