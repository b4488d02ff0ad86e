import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { isProblem, meQuery, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { SudoProvider } from '../sudo/index.ts';
import { ErrorState, NoticeProvider } from '../ui/index.ts';
import { ForbiddenPage } from './forbidden-page.tsx';
import { Header } from './header.tsx';
import { LoadingPage } from './loading-page.tsx';

/** Nothing is drawn before the server has said who is asking: a page must not flash in front of someone without rights. */
export function Shell() {
  return (
    <NoticeProvider>
      <Gate />
    </NoticeProvider>
  );
}

function Gate() {
  const me = useQuery(meQuery(useAdminApi()));

  if (isProblem(me.error, 'forbidden')) return <ForbiddenPage />;
  if (me.data !== undefined) {
    const { user } = me.data;
    return (
      <SudoProvider account={user.emails.find((email) => email.primary)?.address ?? user.username}>
        <SkipLink />
        <Header user={user} />
        <main id="content" className="page" tabIndex={-1}>
          <Outlet />
        </main>
      </SudoProvider>
    );
  }
  if (me.isError) {
    return (
      <main className="page page-centred">
        <h1 className="visually-hidden">{strings.product}</h1>
        <ErrorState error={me.error} onRetry={() => void me.refetch()} busy={me.isFetching} />
      </main>
    );
  }
  return <LoadingPage />;
}

function SkipLink() {
  return (
    <a className="skip-link" href="#content">
      {strings.shell.skip}
    </a>
  );
}
