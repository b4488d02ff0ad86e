/**
 * Owns what tests share: real databases, a running server whose clock is moved by hand, and a client that speaks
 * HTTP to it. Is never built or shipped.
 */

export { AdminClient, setRights } from './admin-client.ts';
export {
  type AdminApi,
  AGENT_ROWS,
  createAdminKit,
  EVERYTHING,
  EVERYWHERE,
  expectRefused,
  type MadeToken,
  makeToken,
  newCode,
} from './admin-kit.ts';
export { ADMIN_ROUTES, ADMIN_SECTIONS } from './admin-routes.ts';
export {
  type Authenticator,
  type BrowserResponse,
  type CreationOptions,
  createAuthenticator,
  type RequestOptions,
  type Tampering,
} from './authenticator.ts';
export { type Caller, CREDENTIAL_KINDS, type CredentialKind, callersOf } from './callers.ts';
export { type CaptchaService, createCaptchaService, NONSENSE, SILENCES } from './captcha-service.ts';
export { Client, type Reply } from './client.ts';
export { ManualClock, PassingClock } from './clock.ts';
export { runInProcess } from './command-line.ts';
export { DIALECTS, type Dialect, freshDatabase } from './databases.ts';
export { createEchoServer, type EchoServer } from './echo-server.ts';
export { emailChangeOf } from './email-change.ts';
export { type EventStream, listen } from './event-stream.ts';
export { createFakeTwilio, type FakeTwilio, type Mischief } from './fake-twilio.ts';
export { agentRows, createSiteKit, FlectoCaller } from './flecto-sites.ts';
export { type FlectoLogin, flectoSteps } from './flecto-steps.ts';
export {
  claimsOf,
  codeOf,
  createFluxProject,
  type FluxHanded,
  type FluxProject,
  handed,
} from './flux-kit.ts';
export { createFluxMfa } from './flux-mfa.ts';
export { createFluxPasskeys, type FluxPasskeys } from './flux-passkeys.ts';
export { freePort } from './free-port.ts';
export { freshFolder } from './fresh-folder.ts';
export { createGithubServer, type GithubPerson, type GithubServer, githubber } from './github-server.ts';
export { createHostileProvider, type HostileProvider } from './hostile-provider.ts';
export {
  CLIENT_ID,
  CLIENT_SECRET,
  createIdentityProvider,
  type IdentityProviderServer,
  type ProviderPerson,
  somebody,
} from './identity-provider.ts';
export { type Nginx, startNginx } from './nginx.ts';
export { createNodes, type Nodes } from './nodes.ts';
export { openidBrowser, whither } from './openid-browser.ts';
export { PageClient } from './page-client.ts';
export { newPhoneNumber, phoneSteps } from './phone-steps.ts';
export { type App, createFactorKit, type Person } from './second-factors.ts';
export { finished, runFluxgate, type ServerProcess, startServer } from './server-process.ts';
export { createSeverableWorld, type Severable } from './severable.ts';
export {
  APP_BACK,
  anyCallbackOf,
  callbackPathOf,
  createSocialKit,
  type LedBack,
  ledBack,
  socialBrowser,
} from './social-browser.ts';
export { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';
export { until } from './until.ts';
export { startUnstalledTime, type UnstalledTime, withinASecond } from './within-a-second.ts';
export { createWorld, newEmail, PASSWORD, type World, type WorldOptions } from './world.ts';
