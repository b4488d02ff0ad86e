import { type Session, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { shownError } from '../sudo/index.ts';
import { ConfirmDialog } from '../ui/index.ts';
import { describeDevice } from './describe-session.ts';
import { useSensitiveAction } from './use-sensitive-action.ts';

const text = strings.sessions;

/** One session, or every one; "every" is its own case because sessions opened meanwhile must end too. */
export type Ending = { what: 'one'; session: Session } | { what: 'all'; sessions: readonly Session[] };

interface EndSessionsDialogProps {
  userId: string;
  name: string;
  ending: Ending;
  onDone: (message: string) => void;
  onDismiss: () => void;
}

export function EndSessionsDialog({ userId, name, ending, onDone, onDismiss }: EndSessionsDialogProps) {
  const api = useAdminApi();
  const end = useSensitiveAction({
    userId,
    run: async (_: undefined) => {
      if (ending.what === 'all') return text.endedAll((await api.endAllSessions(userId)).ended);
      await api.endSession(userId, ending.session.id);
      return text.ended;
    },
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
