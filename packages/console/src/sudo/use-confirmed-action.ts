import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useSudo } from './sudo-provider.tsx';
import { SudoDismissed } from './with-sudo.ts';

interface ConfirmedAction<Input, Answer> {
  run: (input: Input) => Promise<Answer>;
  /** Keys of what may look different afterwards. */
  changes: readonly (readonly unknown[])[];
  onDone: (answer: Answer) => void;
}

/** A write: confirmed where the server asks for it, and followed by a fresh look at what it may have changed. */
export function useConfirmedAction<Input, Answer>({
  run,
  changes,
  onDone,
}: ConfirmedAction<Input, Answer>): UseMutationResult<Answer, Error, Input> {
  const sudo = useSudo();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => sudo(() => run(input)),
    // What was typed may be a password: it is not kept once the page that took it is gone.
    gcTime: 0,
    onSuccess(answer) {
      for (const queryKey of changes) void client.invalidateQueries({ queryKey });
      onDone(answer);
    },
  });
}

/** What to show for a failed action; stepping back from the password dialog is no failure. */
export function shownError(error: Error | null): Error | null {
  return error instanceof SudoDismissed ? null : error;
}
