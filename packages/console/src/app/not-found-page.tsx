import { Link } from '@tanstack/react-router';
import { strings } from '../strings.ts';
import { PageHeading } from '../ui/index.ts';

export function NotFoundPage() {
  return (
    <div className="state">
      <PageHeading title={strings.notFound.title} />
      <p className="muted">{strings.notFound.body}</p>
      <Link to="/" className="button button-plain">
        {strings.notFound.back}
      </Link>
    </div>
  );
}
