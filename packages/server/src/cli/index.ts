/**
 * Owns the commands of `fluxgate`: what they are called, what they take, and what each does but for serving. Reads no
 * environment and ends no process; `command-line.ts` does.
 */
export { showConfig } from './config-show.ts';
export { diagnose } from './doctor.ts';
export { runCommandLine } from './program.ts';
export { listAllUsers } from './users.ts';
