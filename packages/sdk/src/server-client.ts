import { type Calls, createCalls } from './calls.ts';
import { createMemory } from './memory.ts';
import { callSettings, type FluxServerOptions, keyFrom, numberFrom, requireKnown } from './options.ts';
import type { Platform } from './platform.ts';
import { createServerClock } from './server-clock.ts';
import { createSessionCalls, type SessionCalls } from './session-calls.ts';
import { refusingCalls } from './sign-in.ts';
import { createStream } from './stream.ts';
import { createTrust } from './trust.ts';
import { createUserCalls, type UserCalls } from './user-calls.ts';
import { createUsers, type Users } from './users.ts';
import { createVerifier } from './verifier.ts';

export interface FluxAuth extends UserCalls, SessionCalls {
  users: Users;
}

/** A node sends heartbeats for so long after it last had proof that it hears the others. */
const PROOF_MS = 500;
/** What a heartbeat may need from the server's decision to our clock. */
const SLACK_MS = 100;
const SERVERS_MS = PROOF_MS + SLACK_MS;
/** As often as heartbeats come: who trusted them for less would never trust. */
const MIN_TRUST_MS = 250;
/** The longest that the wire allows to trust a silent stream. */
const MAX_TRUST_MS = 750;

/** One project, spoken to from a server. Keep one for the life of the process: it holds keys, sessions and a stream. */
export class FluxServer {
  readonly auth: FluxAuth;
  readonly #close: () => void;

  /** Wires everything by hand, top to bottom; only an entry point calls it. */
  constructor(platform: Platform, givenKey: string, options: FluxServerOptions) {
    const { kind, key } = keyFrom(givenKey);
    requireKnown(options, 'server');
    const settings = { platform, ...callSettings(options) };
    const publishableKey = kind === 'publishable' ? key : options.publishableKey;
    const authorization = { authorization: `Bearer ${key}` };
    const boundMs = numberFrom('boundMs', options.boundMs, {
      default: 1_000,
      min: SERVERS_MS + MIN_TRUST_MS,
      max: SERVERS_MS + MAX_TRUST_MS,
    });

    const calls: Calls =
      kind === 'secret'
        ? createCalls({ ...settings, headers: authorization })
        : refusingCalls(
            'This call needs the secret key (flux_sk_…), and Flux.init was given a publishable one.',
          );
    const publicCalls: Calls = publishableKey
      ? createCalls({ ...settings, headers: { 'x-flux-publishable-key': keyFrom(publishableKey).key } })
      : refusingCalls('This call needs the publishable key: Flux.init(secretKey, { publishableKey }).');

    const memory = createMemory(platform.monotonicMs);
    const trust = createTrust({ platform, calls });
    const clock = createServerClock(platform);
    const verifier = createVerifier({ platform, clock, trust });
    const stream = createStream({
      platform,
      url: `${settings.baseUrl}/flux/v1/events`,
      headers: authorization,
      trustMs: boundMs - SERVERS_MS,
      onEvent({ name, data }) {
        const sessionIds = Array.isArray(data['session_ids']) ? data['session_ids'] : [data['session_id']];
        switch (name) {
          case 'session.revoked':
          case 'user.sessions_revoked':
            for (const id of sessionIds) if (typeof id === 'string') memory.revoke(id);
            break;
          case 'user.changed':
            memory.forgetUser(String(data['user_id']));
            break;
          case 'keys.rotated':
            trust.forget();
            break;
          case 'project.changed':
            trust.forget();
            memory.begin();
            break;
          case 'stream.ready':
          case 'events.lost':
            memory.begin();
            break;
          // Others are of a newer server, and say nothing to us.
        }
      },
    });
    const sessions = createSessionCalls({
      ...{ platform, clock, calls, verifier, memory, stream },
      renewAfterSeconds: numberFrom('renewAfterSeconds', options.renewAfterSeconds, {
        default: 0,
        min: 0,
        max: 86_400,
      }),
    });
    const users = createUserCalls({
      ...{ baseUrl: settings.baseUrl, publishableKey, publicCalls },
      sessionCalls: kind === 'secret' ? calls : publicCalls,
      ...(kind === 'secret' ? { projectId: async () => (await trust.current()).audience } : {}),
    });
    this.auth = { ...users, ...sessions, users: createUsers(calls, memory.forgetUser) };
    this.#close = () => {
      stream.close();
      memory.end();
      platform.close();
    };
  }

  /** Ends the event stream and lets go of connections. Nothing here keeps a process alive, so that this is for tidy stops and tests. */
  close(): void {
    this.#close();
  }
}
