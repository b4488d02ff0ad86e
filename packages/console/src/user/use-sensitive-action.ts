import type { UseMutationResult } from '@tanstack/react-query';
import { keys } from '../api/index.ts';
import { useConfirmedAction } from '../sudo/index.ts';

interface SensitiveAction<Input, Answer> {
  userId: string;
  run: (input: Input) => Promise<Answer>;
  onDone: (answer: Answer) => void;
}

/** One action on a user, which may have changed whatever is shown of them. */
export function useSensitiveAction<Input, Answer>({
  userId,
  ...action
}: SensitiveAction<Input, Answer>): UseMutationResult<Answer, Error, Input> {
  return useConfirmedAction({ ...action, changes: changedByActs(userId) });
}

export function changedByActs(userId: string) {
  return [keys.user(userId), keys.sessions(userId), keys.audit, keys.users];
}
