import { useState } from 'react';
import { strings } from '../strings.ts';
import { shownError, useConfirmedAction } from '../sudo/index.ts';
import { Button, ConfirmDialog, useNotice } from '../ui/index.ts';
import { SuspendDialog } from './suspend-dialog.tsx';

const { suspension } = strings;

interface Suspendable {
  status: string;
}

interface SuspensionCalls<Account extends Suspendable> {
  suspend: (reason: string | null) => Promise<Account>;
  restore: () => Promise<Account>;
  /** Keys of what may look different afterwards. */
  changes: readonly (readonly unknown[])[];
  onChanged: (changed: Account) => void;
}

interface SuspensionControlProps<Account extends Suspendable> {
  name: string;
  isSuspended: boolean;
  calls: SuspensionCalls<Account>;
}

/** One button for both ways, so that the focus has somewhere to return to after either. */
export function SuspensionControl<Account extends Suspendable>({
  name,
  isSuspended,
  calls,
}: SuspensionControlProps<Account>) {
  const notify = useNotice();
  // Which question is open is remembered, not derived: the answer changes the status while the dialog is still closing.
  const [asking, setAsking] = useState<'suspend' | 'restore' | null>(null);
  const done = (changed: Account) => {
    calls.onChanged(changed);
    setAsking(null);
    notify(changed.status === 'suspended' ? suspension.suspended(name) : suspension.restored(name));
  };
  const { changes } = calls;
  const suspend = useConfirmedAction({ run: calls.suspend, changes, onDone: done });
  const restore = useConfirmedAction({ run: (_: undefined) => calls.restore(), changes, onDone: done });
  const ask = () => {
    suspend.reset();
    restore.reset();
    setAsking(isSuspended ? 'restore' : 'suspend');
  };
  return (
    <>
      <Button variant={isSuspended ? 'plain' : 'danger-quiet'} onClick={ask}>
        {isSuspended ? suspension.restore : suspension.suspend}
      </Button>
      {asking === 'suspend' && (
        <SuspendDialog
          name={name}
          busy={suspend.isPending}
          error={shownError(suspend.error)}
          onConfirm={suspend.mutate}
          onDismiss={() => setAsking(null)}
        />
      )}
      {asking === 'restore' && (
        <ConfirmDialog
          title={suspension.restoreTitle(name)}
          description={suspension.restoreBody}
          confirmLabel={suspension.restoreConfirm}
          busy={restore.isPending}
          error={shownError(restore.error)}
          onConfirm={() => restore.mutate(undefined)}
          onDismiss={() => setAsking(null)}
        />
      )}
    </>
  );
}
