// `npm start`: makes ready what is missing, then serves. See README.md.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { settingsFrom } from './setup.js';

const RUN = fileURLToPath(new URL('../../../tools/run.mjs', import.meta.url));

// An orderly end, so that a Fluxgate that was started beside us ends, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));

function isSdkThere() {
  try {
    return existsSync(fileURLToPath(import.meta.resolve('@flux/sdk')));
  } catch {
    return false;
  }
}

// In a fresh checkout the SDK is not built yet: any command of the checkout installs and builds first.
if (!isSdkThere()) {
  const { status } = spawnSync(process.execPath, [RUN, 'fluxgate', '--version'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}

/** @param {string} text @returns {never} */
function fail(text) {
  process.stderr.write(`flux-example: ${text}\n`);
  process.exit(1);
}

const settings = await settingsFrom(process.env).catch(({ message }) => fail(message));
const { createApp } = await import('./app.js');
const server = createApp(settings);
const { port, host } = settings;
server.once('error', (/** @type {NodeJS.ErrnoException} */ { code, message }) =>
  fail(code === 'EADDRINUSE' ? `port ${port} of ${host} is taken. Set PORT to another one.` : message),
);
server.listen(port, host, () => {
  process.stdout.write(`flux-example: open ${settings.appUrl}\n`);
});
