import type { ComponentChildren } from 'preact';
import { strings } from './strings.ts';
import type { Astray } from './way.ts';

/** One thing to say, and at most one place to go. */
export function MessageView({
  text,
  link,
}: {
  text: string;
  link?: { href: string; text: string } | undefined;
}) {
  return (
    <>
      <p>{text}</p>
      {link && <Below links={[{ href: link.href, link: link.text }]} />}
    </>
  );
}

/** Who stands here is a visitor; who can mend it reads the second sentence. */
export function AstrayView({ why }: { why: Astray }) {
  const { lead, forDeveloper, reasons } = strings.astray;
  return (
    <>
      <p>{lead}</p>
      <p class="muted">
        {forDeveloper} {reasons[why]}
      </p>
    </>
  );
}

/** Where else to go, under a form. */
export function Below({ links }: { links: readonly { lead?: string; href: string; link: string }[] }) {
  return (
    <div class="below">
      {links.map(({ lead, href, link }) => (
        <p key={href}>
          {lead} <a href={href}>{link}</a>
        </p>
      ))}
    </div>
  );
}

/** Fields that nobody sees and that are sent along as they are. */
export function Hidden({ fields }: { fields: Record<string, string> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

/** The ways to do one thing, one under the other. */
export function Either({ ways }: { ways: readonly ComponentChildren[] }) {
  return (
    <>
      {ways.map((way, index) => (
        <>
          {index > 0 && <p class="or">{strings.confirm.or}</p>}
          {way}
        </>
      ))}
    </>
  );
}
