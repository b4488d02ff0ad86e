import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { isProblem, meQuery, useAdminApi } from '../api/index.ts';
import { strings } from '../strings.ts';
import { Button, Dialog, DialogActions, describeProblem } from '../ui/index.ts';
import { askedFor, fieldOf, passkeyProof, proofOf } from './proof.ts';

interface SudoDialogProps {
  /** Tells a password manager whose password to offer. */
  account: string;
  onConfirmed: () => void;
  onDismiss: () => void;
}

export function SudoDialog({ account, onConfirmed, onDismiss }: SudoDialogProps) {
  const api = useAdminApi();
  const field = useRef<HTMLInputElement>(null);
  const fieldId = useId();
  const hintId = useId();
  const errorId = useId();
  const [isSmsSent, setSmsSent] = useState(false);
  // Asked anew: a factor may have been added since the console was opened.
  const me = useQuery({ ...meQuery(api), staleTime: 0 });
  const methods = me.data?.sudo_methods ?? ['password'];
  const asked = askedFor(methods, isSmsSent);
  const { label, hint, wrong } = fieldOf[asked];
  // Another question is another field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the field itself changes with what is asked
  useEffect(() => field.current?.focus(), [asked]);

  const confirm = useMutation({
    mutationFn: (typed: string) => api.confirmIdentity(proofOf(asked, typed)),
    onSuccess: onConfirmed,
    onError: () => field.current?.select(),
  });
  const byPasskey = useMutation({
    mutationFn: async () => {
      const proof = await passkeyProof(await api.passkeyChallenge());
      if (proof === null) return false;
      await api.confirmIdentity(proof);
      return true;
    },
    onSuccess: (isDone) => isDone && onConfirmed(),
  });
  const send = useMutation({
    mutationFn: () => api.sendSudoCode(),
    onSuccess() {
      confirm.reset();
      setSmsSent(true);
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPasskey.reset();
    if (!confirm.isPending) confirm.mutate(field.current?.value ?? '');
  };
  const problem = confirm.isError
    ? describeSudoError(confirm.error, wrong)
    : byPasskey.isError
      ? describeSudoError(byPasskey.error, strings.sudo.wrongPasskey)
      : byPasskey.data === false
        ? strings.sudo.passkeyFailed
        : send.isError && describeProblem(send.error).message;

  return (
    <Dialog title={strings.sudo.title} description={strings.sudo.description} onDismiss={onDismiss}>
      <form onSubmit={submit}>
        <input type="text" name="username" autoComplete="username" value={account} readOnly hidden />
        {isSmsSent && <p role="status">{strings.sudo.smsSent}</p>}
        <label className="field-label" htmlFor={fieldId}>
          {label}
        </label>
        <input
          key={asked}
          ref={field}
          id={fieldId}
          className="input"
          type={asked === 'password' ? 'password' : 'text'}
          name={asked === 'password' ? 'password' : 'code'}
          autoComplete={asked === 'password' ? 'current-password' : 'one-time-code'}
          required
          aria-invalid={confirm.isError}
          aria-describedby={[hint && hintId, problem && errorId].filter(Boolean).join(' ') || undefined}
        />
        {hint && (
          <p id={hintId} className="field-hint muted">
            {hint}
          </p>
        )}
        <p id={errorId} className="field-error" role="alert">
          {problem}
        </p>
        <div className="sudo-ways">
          {methods.includes('passkey') && (
            <Button busy={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
              {strings.sudo.passkey}
            </Button>
          )}
          {methods.includes('sms-code') && (
            <Button busy={send.isPending} onClick={() => send.mutate()}>
              {strings.sudo.sendSms}
            </Button>
          )}
        </div>
        <DialogActions>
          <Button onClick={onDismiss}>{strings.common.cancel}</Button>
          <Button type="submit" variant="primary" busy={confirm.isPending}>
            {strings.sudo.confirm}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function describeSudoError(error: unknown, wrong: string): string {
  return isProblem(error, 'invalid_credentials') ? wrong : describeProblem(error).message;
}
