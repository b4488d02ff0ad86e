import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FLUXGATE = fileURLToPath(new URL('../../../tools/run.mjs', import.meta.url));
const DATA = fileURLToPath(new URL('../data/', import.meta.url));
const SLUG = 'flux-example';

/**
 * @typedef {{ fluxUrl: string, appUrl: string, secretKey: string, publishableKey: string }} Kept
 * @typedef {Readonly<Record<string, string | undefined>>} Environment
 */

/** @param {string} text */
const say = (text) => void process.stdout.write(`flux-example: ${text}\n`);

/**
 * Runs the checkout's command line, which installs and builds what is missing first.
 * @param {string[]} args
 * @param {Environment} [more]
 */
function fluxgate(args, more = {}) {
  // As if it were called in the checkout's folder: its data are there, not here. Our port is not its.
  const { PORT: _port, HOST: _host, ...inherited } = process.env;
  const env = { ...inherited, ...more, INIT_CWD: ROOT };
  const stdio = /** @type {const} */ (['ignore', 'pipe', 'inherit']);
  return spawn(process.execPath, [FLUXGATE, ...args], { cwd: ROOT, env, stdio: [...stdio] });
}

/** What a command of it prints. @param {string[]} args @returns {Promise<string>} */
function printed(...args) {
  const child = fluxgate(['fluxgate', ...args]);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve(text.trim()) : reject(new Error(`fluxgate ${args[0]} ${args[1]} failed.`)),
    );
  });
}

/** @param {string} fluxUrl */
const isThere = (fluxUrl) =>
  fetch(`${fluxUrl}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Starts the checkout's server beside us, and waits until it answers. @param {string} fluxUrl */
async function startFluxgate(fluxUrl) {
  const { protocol, hostname, port } = new URL(fluxUrl);
  if (protocol !== 'http:' || hostname !== 'localhost')
    throw new Error(`Nothing answers at ${fluxUrl}. Start the server there, or change FLUX_URL.`);
  say(`nothing answers at ${fluxUrl}: starting the Fluxgate of this checkout`);
  const child = fluxgate(['start'], { FLUXGATE_PORT: port || '80' });
  createInterface(child.stdout).on('line', (line) => void process.stdout.write(`fluxgate: ${line}\n`));
  process.on('exit', () => child.kill());
  while (!(await isThere(fluxUrl))) {
    if (child.exitCode !== null) throw new Error('The Fluxgate of this checkout did not start.');
    await new Promise((done) => setTimeout(done, 250));
  }
}

/** @param {string} file @returns {Kept | null} */
const kept = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);

/** @param {Kept} of */
async function isGood({ fluxUrl, secretKey }) {
  const headers = { authorization: `Bearer ${secretKey}` };
  return (await fetch(`${fluxUrl}/flux/v1/settings`, { headers })).ok;
}

/** A project with everything on that needs no contract with anybody, and keys of both kinds. @param {{ fluxUrl: string, appUrl: string }} where */
async function makeProject({ fluxUrl, appUrl }) {
  const projects = await printed('project', 'list');
  if (!new RegExp(`^${SLUG}\t`, 'm').test(projects)) {
    await printed('project', 'create', SLUG, '--name', 'Flux example');
  }
  const settings = {
    methods: { password: true, 'magic-link': true, passkey: true },
    redirect_urls: [`${appUrl}/arrive`],
    allowed_origins: [appUrl],
    passkeys: { rp_id: new URL(appUrl).hostname },
  };
  await printed('project', 'set', SLUG, JSON.stringify(settings));
  const key = (/** @type {string} */ kind) => printed('project', 'key', 'create', SLUG, '--kind', kind);
  return { fluxUrl, appUrl, secretKey: await key('secret'), publishableKey: await key('publishable') };
}

/**
 * Where everything is: from the environment, or else from the Fluxgate of this checkout, whose project and keys are made at the
 * first start and kept in `data/`.
 * @param {Environment} env
 * @returns {Promise<Kept & { port: number, host: string }>}
 */
export async function settingsFrom(env) {
  const port = Number(env['PORT'] || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('PORT is no port.');
  const host = env['HOST'] || 'localhost';
  const fluxUrl = (env['FLUX_URL'] || 'http://localhost:8080').replace(/\/+$/, '');
  const appUrl = (env['APP_URL'] || `http://localhost:${port}`).replace(/\/+$/, '');
  const { FLUX_SECRET_KEY: secretKey, FLUX_PUBLISHABLE_KEY: publishableKey } = env;
  if (secretKey && publishableKey) return { fluxUrl, appUrl, secretKey, publishableKey, port, host };
  if (secretKey || publishableKey)
    throw new Error('Set FLUX_SECRET_KEY and FLUX_PUBLISHABLE_KEY, or neither.');
  if (!(await isThere(fluxUrl))) await startFluxgate(fluxUrl);
  const folder = env['DATA_DIR'] || DATA;
  const file = join(folder, 'keys.json');
  let found = kept(file);
  const isSame = found?.fluxUrl === fluxUrl && found.appUrl === appUrl;
  if (!found || !isSame || !(await isGood(found))) {
    say(`making the project ${SLUG} and its keys`);
    found = await makeProject({ fluxUrl, appUrl });
    if (!(await isGood(found)))
      throw new Error(
        `${fluxUrl} is not the Fluxgate of this checkout: it does not know the keys just made. Set FLUX_SECRET_KEY and FLUX_PUBLISHABLE_KEY to keys of a project there, or FLUX_URL to where this checkout's server is.`,
      );
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, JSON.stringify(found, null, 2), { mode: 0o600 });
  }
  return { ...found, port, host };
}
