import { type ReactNode, useId } from 'react';

/** What it is about on one side, and what is set on the other. */
export function SettingsSection({
  title,
  body,
  children,
}: {
  title: string;
  body: string;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <section className="setting" aria-labelledby={titleId}>
      <div className="setting-about">
        <h2 id={titleId}>{title}</h2>
        <p className="muted">{body}</p>
      </div>
      {children}
    </section>
  );
}
