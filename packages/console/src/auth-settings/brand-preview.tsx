import { useState } from 'react';
import { strings } from '../strings.ts';
import { isColor, readableOn } from './readable.ts';

const text = strings.authSettings;

interface BrandPreviewProps {
  name: string;
  color: string | null;
  logoUrl: string | null;
  /** Null while the hosted page has nowhere to lead back to. */
  signInUrl: string | null;
}

/** A picture of the sign-in page, before anything is saved; nothing in it can be used. */
export function BrandPreview({ name, color, logoUrl, signInUrl }: BrandPreviewProps) {
  const painted = isColor(color) ? { background: color, color: readableOn(color) } : undefined;
  return (
    <figure className="brand-preview">
      <figcaption className="field-label">{text.preview}</figcaption>
      <div className="brand-page" aria-hidden="true">
        {/* Another address is another picture, also to a browser that found none at the last. */}
        {logoUrl !== null && <Logo key={logoUrl} url={logoUrl} />}
        <p className="brand-title wrap-anywhere">{text.previewTitle(name)}</p>
        <p className="brand-label">{text.previewEmail}</p>
        <span className="brand-input" />
        <span className="brand-button" style={painted}>
          {text.previewButton}
        </span>
      </div>
      {signInUrl !== null && (
        <p className="field-hint">
          <a href={signInUrl} target="_blank" rel="noreferrer">
            {text.openSignIn}
          </a>
        </p>
      )}
    </figure>
  );
}

/**
 * The console shows no picture from elsewhere: whoever sets a logo would learn who looks at it. The hosted page does.
 */
function Logo({ url }: { url: string }) {
  const [isShown, setShown] = useState(true);
  const isOurs = URL.canParse(url) && new URL(url).origin === window.location.origin;
  if (!isOurs || !isShown) return <span className="brand-logo brand-no-logo">{text.previewLogo}</span>;
  return <img className="brand-logo" src={url} alt="" onError={() => setShown(false)} />;
}
