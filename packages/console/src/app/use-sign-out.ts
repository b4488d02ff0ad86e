import { useMutation } from '@tanstack/react-query';
import { useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { useNotice } from '../ui/index.ts';
import { goToFreshSignIn } from './sign-in.ts';

export function useSignOut() {
  const api = useAdminApi();
  const notify = useNotice();
  return useMutation({
    mutationFn: () => api.signOut(),
    onSuccess: goToFreshSignIn,
    // Going to the sign-in page regardless would look like success while the session lives on.
    onError: () => notify(strings.shell.signOutFailed),
  });
}
