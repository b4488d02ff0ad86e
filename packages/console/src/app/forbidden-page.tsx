import { strings } from '../strings.ts';
import { Button, Logo, PageHeading } from '../ui/index.ts';
import { useSignOut } from './use-sign-out.ts';

export function ForbiddenPage() {
  const signOut = useSignOut();
  return (
    <main className="page page-centred">
      <div className="state">
        <Logo />
        <PageHeading title={strings.forbidden.title} />
        <p className="muted">{strings.forbidden.body}</p>
        <div className="state-actions">
          <Button variant="primary" busy={signOut.isPending} onClick={() => signOut.mutate()}>
            {strings.forbidden.switchAccount}
          </Button>
          <a className="button button-plain" href="/account">
            {strings.forbidden.account}
          </a>
        </div>
      </div>
    </main>
  );
}
