import type { PasskeyListing } from '../../core/second-factor/index.ts';
import { Time } from '../../pages-kit/index.ts';
import { securityStrings } from './security-strings.ts';

const text = securityStrings.passkeys;
const HOME = '/account/security/passkeys';

/** The owner's passkeys, and what may be done with each. */
export function PasskeyList({ passkeys }: { passkeys: readonly PasskeyListing[] }) {
  return (
    <>
      {passkeys.length === 0 ? (
        <p>{text.none}</p>
      ) : (
        <ul class="list">
          {passkeys.map((passkey, index) => (
            <PasskeyItem key={passkey.credentialId} passkey={passkey} id={`passkey-${index}`} />
          ))}
        </ul>
      )}
      <a class="button quiet" href={`${HOME}/new`}>
        {text.add}
      </a>
    </>
  );
}

function PasskeyItem({ passkey, id }: { passkey: PasskeyListing; id: string }) {
  const { credentialId, name, createdAt, lastUsedAt } = passkey;
  return (
    <li>
      <div class="grow">
        <strong class="anywhere">{name}</strong>
        <span class="small labelled">
          <span>
            {text.made} <Time at={createdAt} />
          </span>
          <span>
            {lastUsedAt === null ? (
              text.never
            ) : (
              <>
                {text.lastUsed} <Time at={lastUsedAt} />
              </>
            )}
          </span>
        </span>
        <details class="more">
          <summary>
            {text.edit}
            <span class="unseen">: {name}</span>
          </summary>
          <form method="post" action={`${HOME}/rename`}>
            <input type="hidden" name="passkeyId" value={credentialId} />
            <div class="field">
              <label for={id}>{text.name}</label>
              <input id={id} name="passkeyName" value={name} required maxLength={100} autocomplete="off" />
            </div>
            <div class="row-actions">
              <button type="submit" class="quiet">
                {text.rename}
              </button>
              <button type="submit" class="danger" formaction={`${HOME}/remove`} formnovalidate>
                {text.remove}
              </button>
            </div>
          </form>
        </details>
      </div>
    </li>
  );
}
