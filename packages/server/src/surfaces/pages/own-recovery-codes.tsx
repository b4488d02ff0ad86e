import { securityStrings } from './security-strings.ts';

const text = securityStrings.codes;

/** The codes in two columns; what was used is struck out. */
export function OwnRecoveryCodes({ codes }: { codes: readonly { code: string; consumed: boolean }[] }) {
  return (
    <>
      <p>{text.lead}</p>
      <ul class="codes">
        {codes.map(({ code, consumed }) => (
          <li key={code}>
            {consumed ? (
              <>
                <s>{code}</s> <span class="muted">{text.used}</span>
              </>
            ) : (
              <code>{code}</code>
            )}
          </li>
        ))}
      </ul>
      <form method="post" action="/account/security/recovery-codes/download" class="not-printed">
        <button type="submit">{text.download}</button>
      </form>
      <p class="hint not-printed">{text.print}</p>
      <div class="below not-printed">
        <p>
          <a href="/account/security">{text.done}</a>
        </p>
      </div>
    </>
  );
}
