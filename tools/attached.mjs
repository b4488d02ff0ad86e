// Runs a child that owns the terminal: its output is ours, and so are the signals sent to us. An orderly stop
// (Ctrl-C, SIGTERM from a supervisor) must reach the server itself, not only the script in front of it.
import { spawn } from 'node:child_process';

export function runAttached({ node, args, env, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: 'inherit' });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(name, () => child.kill(name));
    }
    child.on('error', reject);
    child.on('exit', (status, signal) => resolve({ status, signal }));
  });
}
