// Runs a child that owns the terminal: its output is ours, and so are the signals sent to us. An orderly stop
// (Ctrl-C, SIGTERM from a supervisor) must reach the server itself, not only the script in front of it.
import { spawn } from 'node:child_process';

/** The longest that an orphan goes on. */
const LOOK_EVERY_MS = 250;
/** Read as soon as this is loaded: installing and building take a minute, in which npm may be told to stop. */
const PARENT = process.ppid;
/** npm passes a signal to the shell between it and us, and the shell ends without passing it on. */
const isOrphan = () => process.env.npm_lifecycle_event !== undefined && process.ppid !== PARENT;

export function runAttached({ node, args, env, cwd }) {
  return new Promise((resolve, reject) => {
    if (isOrphan()) return resolve({ status: null, signal: 'SIGTERM' });
    const child = spawn(node, args, { cwd, env, stdio: 'inherit' });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(name, () => child.kill(name));
    }
    const looking = setInterval(() => {
      if (!isOrphan()) return;
      clearInterval(looking);
      child.kill('SIGTERM');
    }, LOOK_EVERY_MS);
    looking.unref();
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve({ status, signal }));
  });
}
