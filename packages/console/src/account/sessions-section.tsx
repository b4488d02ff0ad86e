import type { UseQueryResult } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Session } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, EmptyState, ErrorState, SkeletonRows, useNotice } from '../ui/index.ts';
import { type Ending, type EndingCalls, EndSessionsDialog } from './end-sessions-dialog.tsx';
import { SessionsTable } from './sessions-table.tsx';

interface SessionsSource extends EndingCalls {
  sessions: UseQueryResult<{ items: Session[] }, Error>;
}

interface SessionsSectionProps {
  /** Whose they are. */
  name: string;
  source: SessionsSource;
  mayWrite: boolean;
}

export function SessionsSection({ name, source, mayWrite }: SessionsSectionProps) {
  const { sessions } = source;
  const notify = useNotice();
  const heading = useRef<HTMLHeadingElement>(null);
  const [ending, setEnding] = useState<Ending | null>(null);
  const open = sessions.data?.items ?? [];

  const done = (message: string) => {
    setEnding(null);
    notify(message);
    // The button that opened the dialog goes away with its row; the heading stays.
    requestAnimationFrame(() => heading.current?.focus());
  };

  return (
    <section className="section" aria-labelledby="sessions-title">
      <div className="section-heading">
        <h2 id="sessions-title" ref={heading} tabIndex={-1}>
          {strings.sessions.title}
          {open.length > 0 && <span className="count"> {open.length}</span>}
        </h2>
        {open.length > 0 && mayWrite && (
          <Button onClick={() => setEnding({ what: 'all', sessions: open })}>
            {strings.sessions.endAll}
          </Button>
        )}
      </div>
      <div className="card">
        {sessions.data === undefined ? (
          <Unloaded
            error={sessions.error}
            busy={sessions.isFetching}
            onRetry={() => void sessions.refetch()}
          />
        ) : open.length === 0 ? (
          <EmptyState icon="device" title={strings.sessions.emptyTitle} body={strings.sessions.emptyBody} />
        ) : (
          <SessionsTable
            sessions={open}
            onEnd={mayWrite ? (session) => setEnding({ what: 'one', session }) : null}
          />
        )}
      </div>
      {ending !== null && (
        <EndSessionsDialog
          name={name}
          ending={ending}
          calls={source}
          onDone={done}
          onDismiss={() => setEnding(null)}
        />
      )}
    </section>
  );
}

function Unloaded({ error, ...retry }: { error: Error | null; onRetry: () => void; busy: boolean }) {
  return error === null ? <SkeletonRows count={3} /> : <ErrorState error={error} {...retry} />;
}
