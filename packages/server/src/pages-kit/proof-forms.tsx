import type { ComponentChildren } from 'preact';
import type { SecondFactor } from '../core/sign-in/index.ts';
import { Field } from './fields.tsx';
import type { Problems } from './forms.ts';
import { Notice } from './layout.tsx';
import { PasskeyForm } from './passkey-form.tsx';
import { strings } from './strings.ts';

const text = strings.confirm;

export interface ProofFormsProps {
  methods: readonly SecondFactor[];
  /** The end of the phone number, such as `••••1234`. */
  phoneHint: string | null;
  isSmsSent: boolean;
  problems: Problems;
  paths: {
    /** Takes `method` (`code`, `sms` or `passkey`) and the field of that method. */
    prove: string;
    sendSms: string;
    passkeyOptions: string;
  };
  /** Sent along with each form, as it is. */
  hidden?: Record<string, string>;
}

/** One form for each second factor that would do; fields are `code`, `smsCode` and `passkey`. */
export function ProofForms({ methods, phoneHint, isSmsSent, problems, paths, hidden = {} }: ProofFormsProps) {
  const ways: ComponentChildren[] = [];
  const part = { problems, paths, hidden };
  if (methods.includes('sms-code') && isSmsSent) ways.push(<SmsCodeForm {...part} />);
  if (methods.includes('totp')) ways.push(<CodeForm {...part} isFirst={ways.length === 0} />);
  if (methods.includes('passkey'))
    ways.push(
      <PasskeyForm
        action={paths.prove}
        options={paths.passkeyOptions}
        label={strings.passkey.confirm}
        hidden={{ ...hidden, method: 'passkey' }}
        isMain={ways.length === 0}
      />,
    );
  if (methods.includes('sms-code') && !isSmsSent)
    ways.push(<SmsSendForm {...part} phoneHint={phoneHint} isMain={ways.length === 0} />);
  return (
    <>
      {ways.map((way, index) => (
        <>
          {index > 0 && <p class="or">{text.or}</p>}
          {way}
        </>
      ))}
      {!methods.includes('totp') && <RecoveryForm {...part} />}
    </>
  );
}

type PartProps = Required<Pick<ProofFormsProps, 'problems' | 'paths' | 'hidden'>>;

function Hidden({ fields }: { fields: Record<string, string> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}

function CodeForm({ problems, paths, hidden, isFirst }: PartProps & { isFirst: boolean }) {
  return (
    <form method="post" action={paths.prove}>
      <Hidden fields={{ ...hidden, method: 'code' }} />
      <Field
        id="code"
        label={text.appCode}
        autocomplete="one-time-code"
        hint={text.appHint}
        problem={problems.fields['code']}
        autofocus={isFirst}
        maxLength={32}
      />
      <button type="submit" class={isFirst ? undefined : 'quiet'}>
        {text.submit}
      </button>
    </form>
  );
}

/** For who has no authenticator app; folded up, as it is the last resort. */
function RecoveryForm({ problems, paths, hidden }: PartProps) {
  const problem = problems.fields['code'];
  return (
    <details class="more" open={problem !== undefined}>
      <summary>{text.useRecoveryCode}</summary>
      <form method="post" action={paths.prove}>
        <Hidden fields={{ ...hidden, method: 'code' }} />
        <Field id="code" label={text.recoveryCode} autocomplete="off" problem={problem} maxLength={32} />
        <button type="submit" class="quiet">
          {text.submit}
        </button>
      </form>
    </details>
  );
}

function SmsSendForm({
  paths,
  hidden,
  phoneHint,
  isMain,
}: PartProps & { phoneHint: string | null; isMain: boolean }) {
  return (
    <form method="post" action={paths.sendSms}>
      <Hidden fields={{ ...hidden, method: 'sms-send' }} />
      <button type="submit" class={isMain ? undefined : 'quiet'}>
        {text.smsSend}
        {phoneHint && ` ${text.smsTo} ${phoneHint}`}
      </button>
    </form>
  );
}

function SmsCodeForm({ problems, paths, hidden }: PartProps) {
  return (
    <>
      <Notice text={problems.fields['smsCode'] === undefined ? text.smsSent : undefined} />
      <form method="post" action={paths.prove}>
        <Hidden fields={{ ...hidden, method: 'sms' }} />
        <Field
          id="smsCode"
          label={text.smsCode}
          autocomplete="one-time-code"
          problem={problems.fields['smsCode']}
          autofocus
          maxLength={32}
        />
        <button type="submit">{text.submit}</button>
      </form>
      <form method="post" action={paths.sendSms} class="aside">
        <Hidden fields={{ ...hidden, method: 'sms-send' }} />
        <button type="submit" class="link">
          {text.smsAgain}
        </button>
      </form>
    </>
  );
}
