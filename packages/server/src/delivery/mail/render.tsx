import { render } from 'preact-render-to-string';
import { isMailKind, type MailStrings, mailStrings } from './strings.ts';

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
  links: string[];
  token: string | null;
}

interface Site {
  name: string;
  publicUrl: string;
}

/** One mail as text and as HTML. The token stands in the link's fragment, which no server and no log ever sees. */
export function renderMail(kind: string, values: Record<string, string>, site: Site): RenderedMail {
  if (!isMailKind(kind)) throw new Error(`There is no mail of kind ${kind}.`);
  const strings: MailStrings = mailStrings[kind];
  const token = values['token'] ?? null;
  const page = site.publicUrl + strings.path;
  const link = token === null ? page : `${page}#token=${token}`;
  const told: Record<string, string> = { ...values, site: site.name, page };
  // One pass: what a value holds is never taken for a name.
  const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name) => told[name] ?? whole);
  const body = strings.body.map(fill);
  const code = strings.code !== null && token !== null ? { told: fill(strings.code), token } : null;
  // A link that needs a token is nothing to press without one.
  const action = strings.code !== null && token === null ? null : strings.action;
  const text = [
    strings.title,
    ...body,
    ...(action === null ? [] : [`${action}: ${link}`]),
    ...(code ? [`${code.told}\n${code.token}`] : []),
    ...strings.notes,
  ].join('\n\n');
  const html = `<!doctype html>${render(<MailPage {...{ strings, site, body, action, link, code }} />)}`;
  return {
    subject: strings.subject,
    text: `${text}\n`,
    html,
    links: action === null ? [] : [link],
    token,
  };
}

interface MailPageProps {
  strings: MailStrings;
  site: Site;
  body: string[];
  action: string | null;
  link: string;
  code: { told: string; token: string } | null;
}

const SANS = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';

/** One table and inlined styles: what mail programs have agreed on. */
function MailPage({ strings, site, body, action, link, code }: MailPageProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{strings.subject}</title>
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
                  <td style="color:#5b5b70;font-size:14px;padding-bottom:16px">{site.name}</td>
                </tr>
                <tr>
                  <td style="color:#16161d;font-size:22px;font-weight:600;padding-bottom:12px">
                    {strings.title}
                  </td>
                </tr>
                {body.map((line) => (
                  <tr key={line}>
                    <td style="color:#33333f;font-size:16px;line-height:1.5;padding-bottom:16px">{line}</td>
                  </tr>
                ))}
                {action !== null && (
                  <tr>
                    <td style="padding:8px 0 24px">
                      <a
                        href={link}
                        style="display:inline-block;background:#4f46e5;color:#ffffff;text-decoration:none;font-size:16px;font-weight:600;padding:12px 20px;border-radius:8px"
                      >
                        {action}
                      </a>
                    </td>
                  </tr>
                )}
                {code && (
                  <tr>
                    <td style="color:#33333f;font-size:14px;line-height:1.5;padding-bottom:16px">
                      {code.told}
                      <br />
                      <code style="word-break:break-all;font-size:13px;color:#16161d">{code.token}</code>
                    </td>
                  </tr>
                )}
                {strings.notes.map((note) => (
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
