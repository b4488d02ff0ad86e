import { useState } from 'react';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import { useNotice } from './notices.tsx';

const shownForMs = 2000;

export function CopyButton({ value, what }: { value: string; what: string }) {
  const notify = useNotice();
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    try {
      // Absent on plain HTTP, where a server on a private network may well be visited.
      await navigator.clipboard.writeText(value);
    } catch {
      notify(strings.common.copyFailed);
      return;
    }
    notify(strings.common.copied);
    setCopied(true);
    setTimeout(() => setCopied(false), shownForMs);
  };

  return (
    <button
      type="button"
      className="icon-button"
      aria-label={strings.common.copy(what)}
      onClick={() => void copy()}
    >
      <Icon name={copied ? 'check' : 'copy'} />
    </button>
  );
}
