import type { Session } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { ConfirmDialog } from '../ui/index.ts';
import { describeDevice } from './describe-session.ts';

const text = strings.sessions;

/** One session, or every one; "every" is its own case because sessions opened meanwhile must end too. */
export type Ending = { what: 'one'; session: Session } | { what: 'all'; sessions: readonly Session[] };

export interface EndingCalls {
  endOne: (session: Session) => Promise<unknown>;
  endAll: () => Promise<{ ended: number }>;
  /** Keys of what may look different afterwards. */
  changes: readonly (readonly unknown[])[];
}

interface EndSessionsDialogProps {
  name: string;
  ending: Ending;
  calls: EndingCalls;
  onDone: (message: string) => void;
  onDismiss: () => void;
}

export function EndSessionsDialog({ name, ending, calls, onDone, onDismiss }: EndSessionsDialogProps) {
  const end = useConfirmedAction({
    run: async (_: undefined) => {
      if (ending.what === 'all') return text.endedAll((await calls.endAll()).ended);
      await calls.endOne(ending.session);
      return text.ended;
    },
    changes: calls.changes,
    onDone,
  });
  const endsOwn =
    ending.what === 'all' ? ending.sessions.some(({ current }) => current) : ending.session.current;

  return (
    <ConfirmDialog
      {...wording(ending, name)}
      danger
      busy={end.isPending}
      error={shownError(end.error)}
      onConfirm={() => end.mutate(undefined)}
      onDismiss={onDismiss}
    >
      {endsOwn && <p className="banner">{text.endCurrent}</p>}
    </ConfirmDialog>
  );
}

function wording(ending: Ending, name: string) {
  return ending.what === 'all'
    ? {
        title: text.endAllTitle,
        description: text.endAllBody(name, ending.sessions.length),
        confirmLabel: text.endAllConfirm,
      }
    : {
        title: text.endTitle,
        description: text.endBody(describeDevice(ending.session)),
        confirmLabel: text.endConfirm,
      };
}
