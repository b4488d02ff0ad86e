import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { SudoDialog } from './sudo-dialog.tsx';
import { withSudo } from './with-sudo.ts';

type Sudo = <Answer>(call: () => Promise<Answer>) => Promise<Answer>;

const SudoContext = createContext<Sudo | null>(null);

export function useSudo(): Sudo {
  const sudo = useContext(SudoContext);
  if (sudo === null) throw new Error('useSudo needs a SudoProvider above it');
  return sudo;
}

export function SudoProvider({ account, children }: { account: string; children: ReactNode }) {
  const [asking, setAsking] = useState(false);
  // Several calls may be refused at the same moment; one password answers them all.
  const waiting = useRef<((confirmed: boolean) => void)[]>([]);

  const sudo = useCallback<Sudo>((call) => {
    const confirmIdentity = () =>
      new Promise<boolean>((resolve) => {
        waiting.current.push(resolve);
        setAsking(true);
      });
    return withSudo(call, confirmIdentity);
  }, []);

  const settle = (confirmed: boolean) => {
    setAsking(false);
    for (const resolve of waiting.current.splice(0)) resolve(confirmed);
  };

  return (
    <SudoContext value={sudo}>
      {children}
      {asking && (
        <SudoDialog account={account} onConfirmed={() => settle(true)} onDismiss={() => settle(false)} />
      )}
    </SudoContext>
  );
}
