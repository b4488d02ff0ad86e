import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  Alert,
  CaptchaField,
  EmailField,
  fieldOf,
  hasProblems,
  missingFields,
  NewPasswordField,
  NO_PROBLEMS,
  type Problems,
  problemsFrom,
} from '../../pages-kit/index.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { Below, Hidden } from './views.tsx';
import { linkTo, pathOf, type Visit, visitScope } from './visit.ts';

const text = strings.signUp;

/** An account by address and password, and in to it. */
export function signUpPages(scope: FastifyInstance, tools: Tools): void {
  const { registration } = tools;
  const { page, form } = visitScope(scope, tools);

  function showSignUp(
    visit: Visit,
    {
      problems = NO_PROBLEMS,
      email = '',
      status = 200,
    }: { problems?: Problems; email?: string; status?: number } = {},
  ): FastifyReply {
    const { project, way } = visit;
    const content = (
      <>
        <Alert text={problems.whole} />
        <form method="post" action={pathOf(project, 'sign-up')}>
          <Hidden fields={{ way: tools.ways.seal(project, way) }} />
          <EmailField value={email} problems={problems} autofocus />
          <NewPasswordField label={strings.password} problems={problems} />
          <CaptchaField puzzle={tools.puzzle} action="register" />
          <button type="submit">{text.submit}</button>
        </form>
        <Below links={[{ lead: text.signIn, href: linkTo(visit, 'sign-in'), link: text.signInLink }]} />
      </>
    );
    return tools.show(visit, { title: text.title, content, status, hasCaptcha: true });
  }

  page('/sign-up', async (visit) => showSignUp(visit), { method: 'password' });

  form(
    '/sign-up',
    async (visit) => {
      const { project, request } = visit;
      const email = fieldOf(request, 'email').trim();
      const password = fieldOf(request, 'password');
      const problems = missingFields({ email, password });
      if (hasProblems(problems)) return showSignUp(visit, { problems, email, status: 400 });
      try {
        await tools.demandCaptcha(request, 'register');
        const result = await registration.register({
          projectId: project.id,
          surface: 'flux',
          ...{ email, password, username: null, globalName: null, dateOfBirth: null },
          // The app has asked its users; these pages do not.
          consent: true,
          linkTo: tools.publicUrl + pathOf(project, 'verify'),
          origin: tools.originOf(request),
        });
        return await tools.enter(visit, result);
      } catch (error) {
        return showSignUp(visit, { ...problemsFrom(error), email });
      }
    },
    { method: 'password' },
  );
}
