import { useState } from 'react';
import { strings } from '../strings.ts';
import { Icon } from './icon.tsx';
import { useCopy } from './use-copy.ts';

const shownForMs = 2000;

export function CopyButton({ value, what }: { value: string; what: string }) {
  const copyText = useCopy();
  const [copied, setCopied] = useState(false);

  const copy = async () => {
    if (!(await copyText(value))) return;
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
