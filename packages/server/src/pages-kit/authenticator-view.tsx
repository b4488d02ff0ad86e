import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import { otpauthUri } from '../core/second-factor/index.ts';
import { Field } from './fields.tsx';
import type { Problems } from './forms.ts';
import { strings } from './strings.ts';

const text = strings.authenticator;

interface SetUpProps {
  siteName: string;
  accountName: string;
  /** Base32. */
  secret: string;
  /** Takes the code in `field`, and `hidden` as it is. */
  action: string;
  field?: string;
  hidden?: Record<string, string>;
  problems: Problems;
}

/** A secret for an authenticator app, as a picture and in letters, and the field for the code that proves it arrived. */
export function AuthenticatorSetUp(props: SetUpProps) {
  const { siteName, accountName, secret, action, field = 'code', hidden = {}, problems } = props;
  const uri = otpauthUri({ siteName, accountName, secret });
  return (
    <>
      <p>{text.scan}</p>
      <QrCode text={uri} label={text.picture} />
      <p class="hint">{text.byHand}</p>
      <p>
        <code class="secret">{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </p>
      <p>
        <a href={uri}>{text.open}</a>
      </p>
      <form method="post" action={action}>
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <Field
          id={field}
          label={text.code}
          autocomplete="one-time-code"
          problem={problems.fields[field]}
          maxLength={32}
        />
        <button type="submit">{text.submit}</button>
      </form>
    </>
  );
}

/** Dark on light in either colour scheme, with the margin of four that scanners need. */
function QrCode({ text: content, label }: { text: string; label: string }) {
  const code = generate(content);
  const size = code.size + 8;
  return (
    <svg class="qr" viewBox={`-4 -4 ${size} ${size}`} role="img" aria-label={label}>
      <rect x="-4" y="-4" width={size} height={size} fill="#fff" />
      <path d={toSvgPath(code)} fill="#000" />
    </svg>
  );
}

/** The only time they are shown without being asked for. */
export function RecoveryCodesView({ codes, next }: { codes: readonly string[]; next: string }) {
  return (
    <>
      <p>{strings.recoveryCodes.lead}</p>
      <ul class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <p>
        <a class="button" href={next}>
          {strings.recoveryCodes.done}
        </a>
      </p>
    </>
  );
}
