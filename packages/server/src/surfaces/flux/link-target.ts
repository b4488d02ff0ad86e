import { mayLeadTo, type Project } from '../../core/project/index.ts';
import { answers, FluxError } from './errors.ts';

/** Where a mailed link shall lead; null for the project's hosted page. Only whole addresses of its list (FX-19). */
export function linkTargetIn(project: Project, redirectUrl: string | undefined): string | null {
  if (redirectUrl === undefined) return null;
  if (!mayLeadTo(project, redirectUrl)) throw new FluxError(answers.redirectNotAllowed);
  return redirectUrl;
}
