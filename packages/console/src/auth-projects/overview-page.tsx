import { Link } from '@tanstack/react-router';
import type { AuthProject } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Time } from '../time/index.ts';
import { CopiedValue, CopyButton, Fact } from '../ui/index.ts';
import { EndProjectSessions } from './end-project-sessions.tsx';
import { useProject } from './use-project.ts';

const text = strings.authProject;
const { facts } = text;

export function OverviewPage() {
  const { project, readOnly } = useProject();
  return (
    <>
      <div className="columns">
        <DetailsCard project={project} />
        <AppCard project={project} />
      </div>
      {!readOnly && (
        <section className="section" aria-labelledby="danger-title">
          <h2 id="danger-title">{text.danger}</h2>
          <EndProjectSessions project={project} />
        </section>
      )}
    </>
  );
}

function DetailsCard({ project }: { project: AuthProject }) {
  return (
    <section className="card card-padded" aria-labelledby="details-title">
      <h2 id="details-title">{text.details}</h2>
      <dl className="facts">
        <Fact name={facts.id}>
          <CopiedValue value={project.id} what={facts.id} />
        </Fact>
        <Fact name={facts.slug}>{project.slug}</Fact>
        <Fact name={facts.issuer}>
          <CopiedValue value={project.issuer} what={facts.issuer} />
        </Fact>
        <Fact name={facts.jwks}>
          <CopiedValue value={project.jwks_uri} what={facts.jwks} />
        </Fact>
        <Fact name={facts.signIn}>
          <CopiedValue value={project.sign_in_url} what={facts.signIn} />
        </Fact>
        <Fact name={facts.created}>
          <Time iso={project.created_at} withAbsolute />
        </Fact>
        <Fact name={facts.changed}>
          <Time iso={project.updated_at} withAbsolute />
        </Fact>
      </dl>
    </section>
  );
}

function AppCard({ project }: { project: AuthProject }) {
  const environment = `FLUX_URL=${new URL(project.issuer).origin}`;
  return (
    <section className="card card-padded" aria-labelledby="app-title">
      <div className="section-heading">
        <h2 id="app-title">{text.app}</h2>
        <CopyButton value={code} what={text.code} />
      </div>
      <p className="muted">{text.appBody}</p>
      {/* Reached by keyboard, because it is wider than a small window and scrolls. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region needs the focus to be scrolled */}
      <section className="code" tabIndex={0} aria-label={text.code}>
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <p className="muted">
        {text.keyFirst}{' '}
        <Link to="/projects/$projectId/keys" params={{ projectId: project.id }}>
          {text.makeKey}
        </Link>
        .
      </p>
      <p className="environment muted">{text.environment}</p>
      <p className="environment">
        <CopiedValue value={environment} what={text.environmentName} />
      </p>
    </section>
  );
}

/** As the documents have it; the key tells the project. */
const code = [
  "import Flux from '@flux/sdk';",
  "const flux = Flux.init('flux_sk_…');",
  '// The token that came with a request, such as in its Authorization header.',
  'const user = await flux.auth.verifySession(token);',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code to be shown
  'console.log(`Authenticated: ${user.email} (${user.id})`);',
].join('\n');
