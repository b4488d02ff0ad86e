/**
 * Owns what all server-rendered pages share: the frame, fields and buttons, the words for each refusal, the CAPTCHA, the
 * forms of the second factors, the guard of posted forms, and the files a browser fetches for them. Holds no page of
 * its own and knows no surface.
 */
export { serveAssets, serveKitAssets } from './assets.ts';
export { AuthenticatorSetUp, RecoveryCodesView } from './authenticator-view.tsx';
export { CaptchaField, captchaAnswerIn } from './captcha-widget.tsx';
export { EmailField, Field, NewPasswordField, TokenField } from './fields.tsx';
export {
  fieldOf,
  fieldsOf,
  hasProblems,
  missingFields,
  NO_PROBLEMS,
  PASSKEY_OPTIONS,
  type Problems,
  problemsFrom,
  safeNext,
} from './forms.ts';
export { type Given, givenIn } from './given-proof.ts';
export { takeForms } from './guard.ts';
export { Alert, Notice, renderPage, Time } from './layout.tsx';
export { PasskeyForm, passkeyIn } from './passkey-form.tsx';
export { ProofForms } from './proof-forms.tsx';
export { type Page, showPage } from './show.ts';
export { refusals, strings } from './strings.ts';
