import { Link, useLocation } from '@tanstack/react-router';
import type { User } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, Logo } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
import { useSections } from './sections.ts';
import { useSignOut } from './use-sign-out.ts';

export function Header({ user }: { user: User }) {
  const signOut = useSignOut();
  const name = displayName(user);
  return (
    <header className="header">
      <div className="header-inner">
        <Link to="/" className="brand">
          <Logo />
          <span>{strings.product}</span>
        </Link>
        <Navigation />
        <div className="header-account">
          <a className="header-name" href="/account" aria-label={strings.shell.account(name)}>
            {name}
          </a>
          <Button variant="ghost" busy={signOut.isPending} onClick={() => signOut.mutate()}>
            {strings.shell.signOut}
          </Button>
        </div>
      </div>
    </header>
  );
}

function Navigation() {
  const { pathname } = useLocation();
  return (
    <nav className="nav" aria-label={strings.shell.navigation}>
      {useSections().map(({ to, title, isPage, isSection }) => (
        <Link
          key={to}
          to={to}
          className="nav-link"
          data-current={isSection(pathname)}
          aria-current={currentFor(isPage(pathname), isSection(pathname))}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}

function currentFor(isPage: boolean, isSection: boolean): 'page' | 'true' | undefined {
  if (isPage) return 'page';
  return isSection ? 'true' : undefined;
}
