import { Link } from '@tanstack/react-router';
import { strings } from '../strings.ts';
import { EmptyState, PageHeading } from '../ui/index.ts';
import { usePlaces } from './use-places.ts';

export function SettingsPage() {
  const places = usePlaces();
  return (
    <>
      <PageHeading title={strings.settings.title} />
      {places.length === 0 ? (
        <div className="card">
          <EmptyState icon="log" title={strings.settings.noneTitle} body={strings.settings.noneBody} />
        </div>
      ) : (
        <ul className="places">
          {places.map(({ to, title, body }) => (
            <li key={to} className="card card-padded row-link">
              <h2>
                <Link to={to} className="identity-name">
                  {title}
                </Link>
              </h2>
              <p className="muted">{body}</p>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
