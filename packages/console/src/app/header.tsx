import { Link, useLocation } from '@tanstack/react-router';
import type { User } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, Logo } from '../ui/index.ts';
import { displayName } from '../users/index.ts';
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
  // A single user's page belongs to Users, which the router's own prefix match on "/" cannot tell from Audit.
  const { pathname } = useLocation();
  const inUsers = pathname === '/' || pathname.startsWith('/users/');
  const inAudit = pathname.startsWith('/audit');
  return (
    <nav className="nav" aria-label={strings.shell.navigation}>
      <Link
        to="/"
        className="nav-link"
        data-current={inUsers}
        aria-current={currentFor(pathname === '/', inUsers)}
      >
        {strings.shell.users}
      </Link>
      <Link
        to="/audit"
        className="nav-link"
        data-current={inAudit}
        aria-current={currentFor(inAudit, inAudit)}
      >
        {strings.shell.audit}
      </Link>
    </nav>
  );
}

function currentFor(isPage: boolean, isSection: boolean): 'page' | 'true' | undefined {
  if (isPage) return 'page';
  return isSection ? 'true' : undefined;
}
