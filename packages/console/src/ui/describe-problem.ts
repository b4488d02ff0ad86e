import { ApiProblem } from '../api/index.ts';
import { strings } from '../strings.ts';

interface ProblemDescription {
  message: string;
  requestId: string | null;
}

/** Known codes speak with the console's words; an unknown one lets the server's own explanation through. */
export function describeProblem(error: unknown): ProblemDescription {
  if (!(error instanceof ApiProblem)) return { message: strings.problems.unexpected, requestId: null };
  return { message: messageFor(error), requestId: error.requestId };
}

function messageFor(problem: ApiProblem): string {
  const { problems } = strings;
  const wait = problem.retryAfterSeconds === null ? null : problems.wait(problem.retryAfterSeconds);
  switch (problem.code) {
    case 'network':
      return problems.network;
    case 'unauthenticated':
      return problems.unauthenticated;
    case 'forbidden':
      return problem.detail ?? problems.forbidden;
    case 'sudo_required':
      return problems.sudoRequired;
    case 'not_found':
      return problems.notFound;
    case 'rate_limited':
      return problems.rateLimited(wait);
    case 'unavailable':
      return problems.unavailable(wait);
    default:
      return problem.fieldErrors[0]?.message ?? problem.detail ?? problems.unexpected;
  }
}
