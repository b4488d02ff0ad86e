import { useEffect, useEffectEvent, useState } from 'react';

const settleMs = 250;

interface DraftOptions {
  /** The value that counts, usually from the address bar. */
  committed: string;
  commit: (value: string) => void;
}

interface Draft {
  draft: string;
  setDraft: (value: string) => void;
  /** Commits at once, for Enter. */
  flush: () => void;
}

/**
 * A text field that follows an outside value without fighting it: typing is committed after a pause, and a change from
 * elsewhere (back, a link) replaces the text unless it is only the echo of what this field has sent.
 */
export function useDebouncedDraft({ committed, commit }: DraftOptions): Draft {
  const [draft, setDraft] = useState(committed);
  const [seen, setSeen] = useState(committed);
  const [sent, setSent] = useState<string | null>(null);

  if (committed !== seen) {
    setSeen(committed);
    setSent(null);
    if (committed !== sent) setDraft(committed);
  }

  const flush = () => {
    const value = draft.trim();
    if (value === committed) return;
    setSent(value);
    commit(value);
  };
  const settle = useEffectEvent(flush);

  useEffect(() => {
    if (draft.trim() === committed) return;
    const timer = setTimeout(() => settle(), settleMs);
    return () => clearTimeout(timer);
  }, [draft, committed]);

  return { draft, setDraft, flush };
}
