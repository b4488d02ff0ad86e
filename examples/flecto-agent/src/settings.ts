import { hostname } from 'node:os';

export interface Settings {
  /** Where the manager is; a path in it goes in front of `/api`. */
  managerUrl: string;
  namespace: string;
  project: string;
  agentName: string;
  /** An API token or an access token; the manager tells them apart. */
  token: string;
  headerName: string;
  intervalSeconds: number;
  listen: { host: string; port: number };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Longest that a timer takes. */
const MAX_SECONDS = 2_147_483;

/** Reads the settings from the environment. Throws an `Error` that names what is missing or wrong. */
export function settingsFrom(env: Environment): Settings {
  const needed = (name: string): string => {
    const value = env[name]?.trim();
    if (!value) throw new Error(`Set ${name}.`);
    return value;
  };
  const managerUrl = needed('FLECTO_MANAGER_URL').replace(/\/+$/, '');
  if (!/^https?:\/\//.test(managerUrl) || !URL.canParse(managerUrl))
    throw new Error('FLECTO_MANAGER_URL is no http or https URL.');
  const intervalSeconds = Number(env['FLECTO_INTERVAL_SECONDS'] || 300);
  if (!(intervalSeconds > 0 && intervalSeconds <= MAX_SECONDS))
    throw new Error('FLECTO_INTERVAL_SECONDS is no number of seconds.');
  const port = Number(env['FLECTO_LISTEN_PORT'] || 8090);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('FLECTO_LISTEN_PORT is no port.');
  return {
    managerUrl,
    namespace: needed('FLECTO_NAMESPACE'),
    project: needed('FLECTO_PROJECT'),
    // The manager takes letters, digits, _ and - alone.
    agentName: env['FLECTO_AGENT_NAME'] || hostname().replace(/[^A-Za-z0-9_-]/g, '-'),
    token: needed('FLECTO_TOKEN'),
    headerName: env['FLECTO_HEADER_NAME'] || 'Authorization',
    intervalSeconds,
    listen: { host: env['FLECTO_LISTEN_HOST'] || '127.0.0.1', port },
  };
}
