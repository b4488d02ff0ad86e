import { strings } from '../strings.ts';
import { useNotice } from './notices.tsx';

/** Copies, and says how it went; whether it did. */
export function useCopy(): (value: string) => Promise<boolean> {
  const notify = useNotice();
  return async (value) => {
    try {
      // Absent on plain HTTP, where a server on a private network may well be visited.
      await navigator.clipboard.writeText(value);
    } catch {
      notify(strings.common.copyFailed);
      return false;
    }
    notify(strings.common.copied);
    return true;
  };
}
