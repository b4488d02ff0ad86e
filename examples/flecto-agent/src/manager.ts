import type { Settings } from './settings.ts';

export interface Redirect {
  type: string;
  source: string;
  target: string;
  status: string;
}

export interface Page {
  type: string;
  path: string;
  content: string;
  contentType: string;
}

export interface Report {
  name: string;
  type: 'default';
  status: 'success' | 'error';
  version: number;
  /** Nanoseconds; never 0. */
  load_duration: number;
  error: string;
}

/** The manager answered, but not with 200. */
export class ManagerError extends Error {
  override readonly name = 'ManagerError';
  readonly status: number;

  constructor(path: string, status: number, body: string) {
    super(`${path} answered ${status} ${body.trim().slice(0, 200)}`.trim());
    this.status = status;
  }
}

const PER_PAGE = 100;
const TIMEOUT_MS = 30_000;

/** The five endpoints of one project. Each call throws for whatever is not a 200. */
export class Manager {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async version(): Promise<number> {
    const text = (await this.#ask('GET', '/version')).trim();
    const version = Number(text);
    if (text === '' || !Number.isSafeInteger(version)) throw new Error(`The version is no number: ${text}`);
    return version;
  }

  redirects = () => this.#all<Redirect>('/redirects');
  pages = () => this.#all<Page>('/pages');

  async report(report: Report): Promise<void> {
    await this.#ask('POST', '/agents', report);
  }

  async hit(agentName: string): Promise<void> {
    await this.#ask('PATCH', `/agents/${encodeURIComponent(agentName)}/hit`);
  }

  async #all<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let offset = 0, total = 1; offset < total; offset += PER_PAGE) {
      const text = await this.#ask('GET', `${path}?limit=${PER_PAGE}&offset=${offset}`);
      const page = JSON.parse(text) as { Items: Item[]; Total: number };
      if (!Array.isArray(page.Items) || !Number.isSafeInteger(page.Total))
        throw new Error(`${path} answered no list.`);
      items.push(...page.Items);
      total = page.Total;
    }
    return items;
  }

  async #ask(method: string, path: string, body?: unknown): Promise<string> {
    const { managerUrl, namespace, project, headerName, token } = this.#settings;
    const site = `/api/namespace/${encodeURIComponent(namespace)}/project/${encodeURIComponent(project)}`;
    const reply = await fetch(managerUrl + site + path, {
      method,
      // A token goes nowhere but where the settings say.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        [headerName]: `Bearer ${token}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    if (reply.status !== 200) throw new ManagerError(path, reply.status, text);
    return text;
  }
}
