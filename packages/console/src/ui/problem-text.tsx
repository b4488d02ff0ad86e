import { strings } from '../strings.ts';
import { describeProblem } from './describe-problem.ts';

export function ProblemText({ error }: { error: unknown }) {
  const { message, requestId } = describeProblem(error);
  return (
    <>
      <p className="problem-message">{message}</p>
      {requestId !== null && (
        <p className="problem-request muted">
          {strings.problems.requestId} <code>{requestId}</code>
        </p>
      )}
    </>
  );
}
