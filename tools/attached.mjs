// Runs a child that owns the terminal: its output is ours, and so are the signals sent to us. An orderly stop
// (Ctrl-C, SIGTERM from a supervisor) must reach the server itself, not only the script in front of it.
import { spawn } from 'node:child_process';

/** The longest that an orphan goes on. */
const LOOK_EVERY_MS = 250;

export function runAttached({ node, args, env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: 'inherit' });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(name, () => child.kill(name));
    }
    if (process.env.npm_lifecycle_event !== undefined) onceOrphaned(() => child.kill('SIGTERM'));
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve({ status, signal }));
  });
}

/** npm passes a signal to the shell between it and us, and the shell ends without passing it on. */
function onceOrphaned(stop) {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    stop();
  }, LOOK_EVERY_MS);
  looking.unref();
}
