import { type ReactNode, useEffect } from 'react';
import { strings } from '../strings.ts';

interface PageHeadingProps {
  title: string;
  /** Which part of it this is, for the name of the tab. */
  part?: string | undefined;
  /** Beside the title: badges, actions. */
  children?: ReactNode;
}

/** The one h1 of a page. It also names the tab, and takes the focus when the route changes. */
export function PageHeading({ title, part, children }: PageHeadingProps) {
  useEffect(() => {
    document.title = strings.pageTitle(part === undefined ? title : `${part} · ${title}`);
  }, [title, part]);

  return (
    <div className="page-heading">
      <h1 id={pageHeadingId} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

const pageHeadingId = 'page-title';

export function focusPageHeading(): void {
  document.getElementById(pageHeadingId)?.focus({ preventScroll: true });
}
