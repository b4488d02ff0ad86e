import type { FastifyRequest } from 'fastify';
import { fieldOf } from './forms.ts';
import { strings } from './strings.ts';

const text = strings.passkey;

interface PasskeyFormProps {
  action: string;
  /** Where the script gets the challenge, by POST. */
  options: string;
  label: string;
  /** Sent along as they are. */
  hidden?: Record<string, string>;
  /** Offers passkeys in the field of the page that says `webauthn`, too. */
  hasAutofill?: boolean;
  /** There is no other way on the page that comes first. */
  isMain?: boolean;
}

/** Asks the browser for a passkey and sends what it signed; `assets/passkey.js` does the asking. */
export function PasskeyForm({ action, options, label, hidden = {}, hasAutofill, isMain }: PasskeyFormProps) {
  return (
    <form method="post" action={action} data-passkey={options} data-autofill={hasAutofill && ''}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="passkey" value="" />
      <button type="submit" class={isMain ? undefined : 'quiet'}>
        {label}
      </button>
      <p class="problem" role="alert" data-passkey-refused hidden>
        {text.refused}
      </p>
      <p class="problem" role="alert" data-passkey-unsupported hidden>
        {text.unsupported}
      </p>
      <noscript>
        <p class="hint">{text.noScript}</p>
      </noscript>
    </form>
  );
}

/** The proof that such a form brings; null for a form that was sent without its script. */
export function passkeyIn(request: FastifyRequest): { response: unknown } | null {
  try {
    return { response: JSON.parse(fieldOf(request, 'passkey')) };
  } catch {
    return null;
  }
}
