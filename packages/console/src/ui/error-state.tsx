import { strings } from '../strings.ts';
import { Button } from './button.tsx';
import { Icon } from './icon.tsx';
import { ProblemText } from './problem-text.tsx';

interface ErrorStateProps {
  error: unknown;
  onRetry: () => void;
  busy?: boolean;
  title?: string;
}

export function ErrorState({
  error,
  onRetry,
  busy = false,
  title = strings.problems.title,
}: ErrorStateProps) {
  return (
    <div className="state state-error" role="alert">
      <Icon name="alert" />
      <p className="state-title">{title}</p>
      <ProblemText error={error} />
      <Button onClick={onRetry} busy={busy}>
        {strings.common.retry}
      </Button>
    </div>
  );
}
