import type { ComponentChildren } from 'preact';
import { isAuthError } from '../../core/errors.ts';
import { Alert, Field, NO_PROBLEMS, Notice, type Problems } from '../../pages-kit/index.ts';
import type { Refused } from './account-scope.ts';
import { changeRefusals, contactStrings } from './contact-strings.ts';

/** A step of a change by mail that was refused, in words; null for any other refusal. */
export function changeRefusal(error: unknown): Refused | null {
  if (!isAuthError(error, 'change-refused')) return null;
  const { text, field } = changeRefusals[error.details.reason];
  const problems: Problems = field ? { fields: { [field]: text } } : { whole: text, fields: {} };
  return { problems, status: 400 };
}

interface StepProps {
  lead?: string | undefined;
  /** The code was sent once more. */
  isResent?: boolean;
  action: string;
  /** What belongs to the steps before. */
  hidden: Record<string, string>;
  submit: string;
  /** Where another code is asked for. */
  again?: string;
  problems?: Problems;
  children: ComponentChildren;
}

/** One step of several: a form that brings along what the steps before it have made. */
export function StepForm(props: StepProps) {
  const { lead, isResent, action, hidden, submit, again, problems = NO_PROBLEMS, children } = props;
  return (
    <>
      <Alert text={problems.whole} />
      <Notice text={isResent ? contactStrings.wasSent : undefined} />
      {lead && <p class="anywhere">{lead}</p>}
      <form method="post" action={action}>
        <Hidden fields={hidden} />
        {children}
        <button type="submit">{submit}</button>
      </form>
      {again && (
        <form method="post" action={again} class="aside">
          <Hidden fields={hidden} />
          <button type="submit" class="link">
            {contactStrings.again}
          </button>
        </form>
      )}
      <div class="below">
        <p>
          <a href="/account/security">{contactStrings.cancel}</a>
        </p>
      </div>
    </>
  );
}

export function MailCodeField({
  label,
  problems = NO_PROBLEMS,
}: {
  label: string;
  problems?: Problems | undefined;
}) {
  return (
    <Field
      id="mailCode"
      label={label}
      autocomplete="one-time-code"
      problem={problems.fields['mailCode']}
      autofocus
      maxLength={32}
    />
  );
}

function Hidden({ fields }: { fields: Record<string, string> }) {
  return (
    <>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
    </>
  );
}
