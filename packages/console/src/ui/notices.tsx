import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';

const shownForMs = 6000;

type Notify = (message: string) => void;

const NoticeContext = createContext<Notify | null>(null);

export function useNotice(): Notify {
  const notify = useContext(NoticeContext);
  if (notify === null) throw new Error('useNotice needs a NoticeProvider above it');
  return notify;
}

/** One message at a time: it reports what the administrator has just done, and the newest is what they wait for. */
export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<{ message: string } | null>(null);
  const notify = useCallback<Notify>((message) => setNotice({ message }), []);

  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), shownForMs);
    return () => clearTimeout(timer);
  }, [notice]);

  return (
    <NoticeContext value={notify}>
      {children}
      {/* Always in the document: a live region that arrives together with its text is often not read out. */}
      <div className="notices" role="status">
        {notice !== null && <p className="notice">{notice.message}</p>}
      </div>
    </NoticeContext>
  );
}
