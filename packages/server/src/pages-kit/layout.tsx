import type { ComponentChildren } from 'preact';
import { render } from 'preact-render-to-string';
import { strings } from './strings.ts';

/** Whose page it is, where that is not this server. */
export interface Brand {
  logoUrl: string | null;
  /** The path of its colours; null for ours. */
  stylesheet: string | null;
}

interface PageFrame {
  siteName: string;
  brand?: Brand | undefined;
  title: string;
  /** Wide pages hold lists; narrow ones a single form. */
  width?: 'narrow' | 'wide';
  /** Names of files below `/assets/`, without their ending. */
  scripts?: readonly string[] | undefined;
  /** Where to look again every few seconds when there is no script to do it. */
  looksAgainAt?: string | undefined;
  /** What a form on the page needs to show its CAPTCHA. */
  captcha?: { scripts: readonly { src: string; type?: 'module' }[]; styles: readonly string[] } | undefined;
}

/** A whole document. Text is escaped by the renderer; nothing is ever put in as markup. */
export function renderPage(frame: PageFrame, content: ComponentChildren): string {
  return `<!doctype html>${render(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${frame.title} – ${frame.siteName}`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/app.css" />
        {frame.brand?.stylesheet && <link rel="stylesheet" href={frame.brand.stylesheet} />}
        {frame.scripts?.map((name) => (
          <script key={name} src={`/assets/${name}.js`} defer />
        ))}
        {frame.looksAgainAt !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={`5;url=${frame.looksAgainAt}`} />
          </noscript>
        )}
        {frame.captcha?.styles.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
        {frame.captcha?.scripts.map(({ src, type }) => (
          <script key={src} src={src} type={type} async defer />
        ))}
      </head>
      <body class={frame.width ?? 'narrow'}>
        <a class="skip" href="#content">
          {strings.skip}
        </a>
        <header class="brand">
          {frame.brand?.logoUrl ? <Logo src={frame.brand.logoUrl} /> : <Mark />}
          <span>{frame.siteName}</span>
        </header>
        <main id="content" class="card">
          <h1>{frame.title}</h1>
          {content}
        </main>
      </body>
    </html>,
  )}`;
}

/** The name beside it says whose it is. */
function Logo({ src }: { src: string }) {
  return <img class="logo" src={src} alt="" height="32" referrerpolicy="no-referrer" />;
}

/** A gate with light coming through. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="mark-ground" />
      <path d="M9 25V13a7 7 0 0 1 14 0v12" class="mark-arch" />
      <path d="M16 13l1.6 4.4L22 19l-4.4 1.6L16 25l-1.6-4.4L10 19l4.4-1.6z" class="mark-spark" />
    </svg>
  );
}

/** What went wrong as a whole; read out at once. */
export function Alert({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <div class="alert" role="alert">
      <strong>{strings.problem}</strong>
      <p>{text}</p>
    </div>
  );
}

export function Notice({ text }: { text: string | undefined }) {
  return text ? (
    <p class="notice" role="status">
      {text}
    </p>
  ) : null;
}

/** To the minute, in the one zone that a page without script can know. */
export function Time({ at }: { at: number }) {
  const iso = new Date(at).toISOString();
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`}</time>;
}
