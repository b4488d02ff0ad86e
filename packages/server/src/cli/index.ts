/**
 * Owns the commands of `fluxgate` besides `start`: each a function that is handed its configuration and a way to
 * print. Reads no environment and ends no process; `main.ts` does.
 */
export { showConfig } from './config-show.ts';
export { diagnose } from './doctor.ts';
export { projectCommands } from './project-commands.ts';
export { createToken, listTokens, revokeToken } from './tokens.ts';
export { createUser, listAllUsers, promoteUser, suspendUser } from './users.ts';
