import { useBlocker } from '@tanstack/react-router';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useId, useState } from 'react';
import { strings } from '../strings.ts';
import { ConfirmDialog } from '../ui/index.ts';

const text = strings.authSettings;

const UnsavedContext = createContext<(form: string, isChanged: boolean) => void>(() => {});

/** Whoever leaves with something unsaved is asked once, however many forms it stands in. */
export function UnsavedGuard({ children }: { children: ReactNode }) {
  const [changed, setChanged] = useState<readonly string[]>([]);
  const tell = useCallback((form: string, isChanged: boolean) => {
    setChanged((before) => [...before.filter((each) => each !== form), ...(isChanged ? [form] : [])]);
  }, []);
  const leaving = useBlocker({
    shouldBlockFn: () => true,
    disabled: changed.length === 0,
    enableBeforeUnload: changed.length > 0,
    withResolver: true,
  });
  return (
    <UnsavedContext value={tell}>
      {children}
      {leaving.status === 'blocked' && (
        <ConfirmDialog
          danger
          title={text.leaveTitle}
          description={text.leaveBody}
          confirmLabel={text.leave}
          busy={false}
          error={null}
          onConfirm={leaving.proceed}
          onDismiss={leaving.reset}
        />
      )}
    </UnsavedContext>
  );
}

export function useUnsaved(isChanged: boolean): void {
  const form = useId();
  const tell = useContext(UnsavedContext);
  useEffect(() => {
    tell(form, isChanged);
    return () => tell(form, false);
  }, [tell, form, isChanged]);
}
