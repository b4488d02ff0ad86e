import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { strings } from '../strings.ts';
import { usePlaces } from './use-places.ts';

/** Around every page of the settings: what else there is. */
export function SettingsFrame() {
  const { pathname } = useLocation();
  return (
    <>
      <nav className="tabs" aria-label={strings.settings.navigation}>
        {usePlaces().map(({ to, title }) => {
          const isCurrent = pathname === to || pathname.startsWith(`${to}/`);
          return (
            <Link
              key={to}
              to={to}
              className="tab"
              data-current={isCurrent}
              aria-current={pathname === to ? 'page' : isCurrent ? 'true' : undefined}
            >
              {title}
            </Link>
          );
        })}
      </nav>
      <Outlet />
    </>
  );
}
