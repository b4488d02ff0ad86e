import { render } from 'preact-render-to-string';
import {
  COPY_LINK,
  isMailKind,
  type MailKind,
  type MailStrings,
  mailStrings,
  notMe,
  projectLinks,
  sharedPages,
} from './strings.ts';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
  links: string[];
  token: string | null;
}

/** In whose name a mail speaks. */
export interface MailSite {
  name: string;
  publicUrl: string;
  projectId: string;
  /** The default project, whose pages are the server's own. */
  isDefault: boolean;
  logoUrl: string | null;
  /** Of the button: six hexadecimal digits after `#`; null for ours. */
  color: string | null;
}

/** One mail as text and as HTML. The token stands in the link's fragment, which no server and no log ever sees. */
export function renderMail(
  kind: string,
  values: Record<string, string>,
  site: MailSite,
  linkTo: string | null = null,
): RenderedMail {
  if (!isMailKind(kind)) throw new Error(`There is no mail of kind ${kind}.`);
  const strings: MailStrings = mailStrings[kind];
  const token = values['token'] ?? null;
  const target = targetOf(kind, site, linkTo);
  const link = target && (token === null ? target.page : `${target.page}#${target.fragment}=${token}`);
  const told: Record<string, string> = { ...values, site: site.name, page: target?.page ?? '' };
  // One pass: what a value holds is never taken for a name.
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name) => told[name] ?? whole);
  // A link that needs a token is nothing to press without one.
  const isPressed = strings.code === null || token !== null;
  const button =
    strings.action !== null && link !== null && isPressed ? { told: strings.action, link } : null;
  told['not_me'] = filled(notMe[button ? 'button' : 'none']);
  const shown = {
    subject: filled(strings.subject),
    title: filled(strings.title),
    body: strings.body.map(filled),
    notes: strings.notes.map(filled),
    button,
    code: codeOf(),
  };

  function codeOf(): MailPageProps['code'] {
    if (strings.code === null || token === null || (strings.action !== null && !button)) return null;
    const typed = values['code'];
    if (typed !== undefined) return { told: filled(strings.code), text: typed };
    const isOurPage = strings.action === null || target?.isOurs;
    return isOurPage ? { told: filled(strings.code), text: token } : { told: COPY_LINK, text: link ?? '' };
  }

  const { subject, title, body, notes, code } = shown;
  const text = [
    title,
    ...body,
    ...(button ? [`${button.told}: ${button.link}`] : []),
    ...(code ? [`${code.told}\n${code.text}`] : []),
    ...notes,
  ].join('\n\n');
  const html = `<!doctype html>${render(<MailPage {...shown} site={site} />)}`;
  return { subject, text: `${text}\n`, html, links: button ? [button.link] : [], token };
}

/** Where a mail's link leads, and what stands before the secret there; null where nothing would take it. */
function targetOf(
  kind: MailKind,
  { publicUrl, projectId, isDefault }: MailSite,
  linkTo: string | null,
): { page: string; fragment: string; isOurs: boolean } | null {
  const { path }: MailStrings = mailStrings[kind];
  const atProject = projectLinks[kind];
  if (linkTo !== null && atProject) return { page: linkTo, fragment: atProject.fragment, isOurs: false };
  if ((isDefault || sharedPages.has(kind)) && path !== null)
    return { page: publicUrl + path, fragment: 'token', isOurs: true };
  if (!atProject) return null;
  return {
    page: `${publicUrl}/p/${projectId}${atProject.path}`,
    fragment: atProject.fragment,
    isOurs: false,
  };
}

interface MailPageProps {
  subject: string;
  title: string;
  body: string[];
  notes: string[];
  button: { told: string; link: string } | null;
  code: { told: string; text: string } | null;
}

const SANS = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';

/** One table and inlined styles: what mail programs have agreed on. */
function MailPage(props: MailPageProps & { site: MailSite }) {
  const { subject, title, body, notes, button, code, site } = props;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{subject}</title>
      </head>
      <body style={`margin:0;padding:0;background:#f4f4f7;${SANS}`}>
        <table
          role="presentation"
          width="100%"
          cellPadding="0"
          cellSpacing="0"
          style="background:#f4f4f7;padding:32px 16px"
        >
          <tr>
            <td align="center">
              <table
                role="presentation"
                width="100%"
                cellPadding="0"
                cellSpacing="0"
                style="max-width:520px;background:#ffffff;border-radius:12px;padding:32px"
              >
                <tr>
                  <td style="color:#5b5b70;font-size:14px;padding-bottom:16px">
                    {site.logoUrl !== null && (
                      <img
                        src={site.logoUrl}
                        alt=""
                        height="32"
                        style="display:block;max-width:200px;padding-bottom:8px"
                      />
                    )}
                    {site.name}
                  </td>
                </tr>
                <tr>
                  <td style="color:#16161d;font-size:22px;font-weight:600;padding-bottom:12px">{title}</td>
                </tr>
                {body.map((line) => (
                  <tr key={line}>
                    <td style="color:#33333f;font-size:16px;line-height:1.5;padding-bottom:16px">{line}</td>
                  </tr>
                ))}
                {button && (
                  <tr>
                    <td style="padding:8px 0 24px">
                      <a
                        href={button.link}
                        style={`display:inline-block;${fillOf(site.color)};text-decoration:none;font-size:16px;font-weight:600;padding:12px 20px;border-radius:8px`}
                      >
                        {button.told}
                      </a>
                    </td>
                  </tr>
                )}
                {code && (
                  <tr>
                    <td style="color:#33333f;font-size:14px;line-height:1.5;padding-bottom:16px">
                      {code.told}
                      <br />
                      <code style="word-break:break-all;font-size:13px;color:#16161d">{code.text}</code>
                    </td>
                  </tr>
                )}
                {notes.map((note) => (
                  <tr key={note}>
                    <td style="color:#5b5b70;font-size:13px;line-height:1.5;padding-bottom:6px">{note}</td>
                  </tr>
                ))}
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html>
  );
}

/** A button's colour, and of black and white the one that is read more easily on it (WCAG 2.2, relative luminance). */
function fillOf(color: string | null): string {
  if (color === null) return 'background:#4f46e5;color:#ffffff';
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Above this black has the greater contrast.
  return `background:${color};color:${luminance > 0.179 ? '#000000' : '#ffffff'}`;
}
