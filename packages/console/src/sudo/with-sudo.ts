import { isProblem } from '../api/index.ts';

/** The administrator closed the dialog instead of confirming: the action did not happen, and nothing went wrong. */
export class SudoDismissed extends Error {
  override readonly name = 'SudoDismissed';
}

export async function withSudo<Answer>(
  call: () => Promise<Answer>,
  confirmIdentity: () => Promise<boolean>,
): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (!isProblem(error, 'sudo_required')) throw error;
    if (!(await confirmIdentity())) throw new SudoDismissed();
    // Once only: a server that refuses right after a confirmation would otherwise ask for the password for ever.
    return call();
  }
}
