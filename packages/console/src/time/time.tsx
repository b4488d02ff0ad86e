import { formatAbsolute, formatRelative } from './format-time.ts';
import { useNow } from './use-now.ts';

/** `withAbsolute` writes both, for places where there is room: a title alone cannot be reached by keyboard or touch. */
export function Time({ iso, withAbsolute = false }: { iso: string; withAbsolute?: boolean }) {
  const now = useNow();
  const absolute = formatAbsolute(iso);
  return (
    <time dateTime={iso} title={absolute}>
      {formatRelative({ iso, now })}
      {withAbsolute && ' '}
      {withAbsolute && <span className="muted time-absolute">{absolute}</span>}
    </time>
  );
}

/** In the cell of a table; `never` says what it means that there is no such moment. */
export function TimeOrNever({ iso, never }: { iso: string | null; never: string }) {
  return iso === null ? <span className="muted">{never}</span> : <Time iso={iso} />;
}
