import type { Calls } from './calls.ts';
import { createMailed, type Mailed } from './mailed.ts';
import { createMfa, type Mfa } from './mfa.ts';
import { createPasskeys, type Passkeys } from './passkeys.ts';
import { createRedirects, type Redirects } from './redirects.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

interface Parts {
  baseUrl: string;
  publishableKey: string | undefined;
  /** With the publishable key. */
  publicCalls: Calls;
  /** In a user's name, with whichever key there is. */
  sessionCalls: Calls;
  projectId?: () => Promise<string>;
}

/** What is done by, or in the name of, one user: the same in a page and on a server. */
export interface UserCalls extends SignIn, Mailed, Redirects {
  passkeys: Passkeys;
  mfa: Mfa;
}

export function createUserCalls({ publicCalls: calls, sessionCalls, ...rest }: Parts): UserCalls {
  const signIn = createSignIn(calls);
  const projectId = rest.projectId ?? (async () => (await signIn.getSettings()).project.id);
  return {
    ...signIn,
    ...createMailed({ calls, sessionCalls }),
    ...createRedirects({ ...rest, calls: sessionCalls, projectId }),
    passkeys: createPasskeys({ calls, sessionCalls }),
    mfa: createMfa(sessionCalls),
  };
}
