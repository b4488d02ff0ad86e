import { randomBytes } from 'node:crypto';
import { runCommandLine } from '../cli/index.ts';
import type { Finished } from './server-process.ts';

/**
 * A command of `fluxgate` as `command-line.ts` runs it, without a process of its own: to start one takes a second, and to begin
 * it is the same for all. `piped` is what comes in by standard input.
 */
export async function runInProcess(
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
  piped = '',
): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  const code = await runCommandLine(args, {
    env,
    cwd,
    clock: Date.now,
    random: randomBytes,
    write(text) {
      stdout += text;
    },
    writeError(text) {
      stderr += text;
    },
    readSecret: async () => piped.replace(/\r?\n$/, ''),
    serve: () => Promise.reject(new Error('A server has to have a process of its own.')),
  });
  return { code, stdout, stderr };
}
