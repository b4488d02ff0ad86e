import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/index.ts';
import { SudoDismissed, useSudo } from '../sudo/index.ts';

interface SensitiveAction<Input, Answer> {
  userId: string;
  run: (input: Input) => Promise<Answer>;
  onDone: (answer: Answer) => void;
}

/** One action on a user: confirmed where the server asks for it, and followed by a fresh look at what it may have changed. */
export function useSensitiveAction<Input, Answer>({
  userId,
  run,
  onDone,
}: SensitiveAction<Input, Answer>): UseMutationResult<Answer, Error, Input> {
  const sudo = useSudo();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => sudo(() => run(input)),
    onSuccess(answer) {
      for (const queryKey of [keys.user(userId), keys.sessions(userId), keys.audit, keys.users]) {
        void client.invalidateQueries({ queryKey });
      }
      onDone(answer);
    },
  });
}

/** What to show for a failed action; stepping back from the password dialog is no failure. */
export function shownError(error: Error | null): Error | null {
  return error instanceof SudoDismissed ? null : error;
}
