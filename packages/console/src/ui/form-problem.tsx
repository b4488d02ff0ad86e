import { ProblemText } from './problem-text.tsx';

/** What was refused, as the last thing before the button; always in the document, so that it is read out. */
export function FormProblem({ error }: { error: unknown }) {
  return (
    <div className="form-problem" role="alert">
      {error ? <ProblemText error={error} /> : null}
    </div>
  );
}
