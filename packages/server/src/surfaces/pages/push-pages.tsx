import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { PushDevices } from '../../core/notice/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import { describeDevice } from '../../http/index.ts';
import {
  Alert,
  fieldOf,
  NO_PROBLEMS,
  Notice,
  type Problems,
  problemsFrom,
  Time,
} from '../../pages-kit/index.ts';
import { strings } from './page-strings.ts';
import type { PageTools } from './surface.ts';

const PATH = '/account/notices';
const TO_LOGIN = `/login?next=${encodeURIComponent(PATH)}`;
const text = strings.notices;
/** At the root, because a worker serves only what lies below it. */
const WORKER = readFileSync(new URL('./assets/push-worker.js', import.meta.url));

/** Which devices get notices about the account, and this one too if its owner likes. */
export function pushPages(scope: FastifyInstance, tools: PageTools): void {
  const { pushDevices, sessionOf, show } = tools;

  async function showDevices(
    reply: FastifyReply,
    { userId }: LiveSession,
    shown: { notice?: string | undefined; problems?: Problems; status?: number } = {},
  ): Promise<FastifyReply> {
    const { notice, problems = NO_PROBLEMS, status } = shown;
    const content = (
      <DevicesView
        devices={await pushDevices.list(userId)}
        publicKey={pushDevices.publicKey}
        notice={notice}
        problem={problems.whole}
      />
    );
    return show(reply, { title: text.title, content, scripts: ['push'], ...(status && { status }) });
  }

  scope.get('/push-worker.js', async (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(WORKER),
  );

  scope.get<{ Querystring: { done?: unknown } }>(PATH, async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    const { done } = request.query;
    const notice = done === 'added' ? text.added : done === 'removed' ? text.removed : undefined;
    return await showDevices(reply, found.session, { notice });
  });

  scope.post(PATH, async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    const { session } = found;
    const subscription = {
      endpoint: fieldOf(request, 'endpoint'),
      p256dh: fieldOf(request, 'p256dh'),
      auth: fieldOf(request, 'auth'),
    };
    try {
      await pushDevices.add({ session, origin: tools.originOf(request), subscription });
      return reply.redirect(`${PATH}?done=added`, 303);
    } catch (error) {
      return await showDevices(reply, session, problemsFrom(error));
    }
  });

  scope.post(`${PATH}/remove`, async (request, reply) => {
    const found = await sessionOf(request);
    if (!found) return reply.redirect(TO_LOGIN, 303);
    const { session } = found;
    await pushDevices.remove({ session, origin: tools.originOf(request), id: fieldOf(request, 'device') });
    return reply.redirect(`${PATH}?done=removed`, 303);
  });
}

interface DevicesProps {
  devices: Awaited<ReturnType<PushDevices['list']>>;
  publicKey: string;
  notice: string | undefined;
  problem: string | undefined;
}

function DevicesView({ devices, publicKey, notice, problem }: DevicesProps) {
  return (
    <>
      <Alert text={problem} />
      <Notice text={notice} />
      <p>{text.lead}</p>
      <form method="post" action={PATH} id="push" data-key={publicKey} hidden>
        {['endpoint', 'p256dh', 'auth'].map((name) => (
          <input key={name} type="hidden" name={name} value="" />
        ))}
        <button type="submit">{text.add}</button>
      </form>
      <p id="push-missing" class="muted">
        {text.missing}
      </p>
      <p id="push-denied" class="problem" role="alert" hidden>
        {text.denied}
      </p>
      <h2>{text.devices}</h2>
      {devices.length === 0 && <p class="muted">{text.none}</p>}
      <ul class="list">
        {devices.map(({ id, userAgent, createdAt }) => (
          <li key={id}>
            <div class="grow">
              <strong>{nameOf(userAgent)}</strong>
              <span class="small">
                {text.since} <Time at={createdAt} />
              </span>
            </div>
            <form method="post" action={`${PATH}/remove`}>
              <input type="hidden" name="device" value={id} />
              <button type="submit" class="quiet" aria-label={`${text.remove}: ${nameOf(userAgent)}`}>
                {text.remove}
              </button>
            </form>
          </li>
        ))}
      </ul>
      <div class="below">
        <p>
          <a href="/account">{text.back}</a>
        </p>
      </div>
    </>
  );
}

function nameOf(userAgent: string | null): string {
  const { browser, os } = describeDevice(userAgent);
  return [browser, os].filter(Boolean).join(' · ') || strings.home.unknownDevice;
}
