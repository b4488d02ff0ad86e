import { strings } from '../strings.ts';
import { Button, PageHeading } from '../ui/index.ts';

export function CrashPage() {
  return (
    <div className="state" role="alert">
      <PageHeading title={strings.crash.title} />
      <p className="muted">{strings.crash.body}</p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        {strings.crash.reload}
      </Button>
    </div>
  );
}
