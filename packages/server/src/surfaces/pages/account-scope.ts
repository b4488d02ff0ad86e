import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Origin } from '../../core/origin.ts';
import type { LiveSession } from '../../core/session/index.ts';
import { type Problems, problemsFrom } from '../../pages-kit/index.ts';
import type { PageTools } from './surface.ts';

/** One request of somebody who is signed in. */
export interface Acting {
  request: FastifyRequest;
  reply: FastifyReply;
  session: LiveSession;
  origin: Origin;
}

/** A refusal in words, for the page that the form came from. */
export interface Refused {
  problems: Problems;
  status: number;
}

interface Route {
  /** The owner proves again to be one, unless they just have. */
  isSensitive?: boolean;
  work(acting: Acting): Promise<FastifyReply>;
}

export interface AccountScope {
  page(path: string, route: Route): void;
  /** What core refuses in `work` is shown by `refused`. */
  form(
    path: string,
    route: Route & { refused(acting: Acting, refusal: Refused): Promise<FastifyReply> },
  ): void;
}

/** Pages of the account: nobody sees them who is not signed in, and who is comes back here after the sign-in. */
export function accountScope(scope: FastifyInstance, tools: PageTools, home: string): AccountScope {
  async function acting(
    request: FastifyRequest,
    reply: FastifyReply,
    isSensitive: boolean,
  ): Promise<Acting | null> {
    const found = await tools.sessionOf(request);
    if (!found) {
      void reply.redirect(`/login?next=${encodeURIComponent(home)}`, 303);
      return null;
    }
    const session = isSensitive ? await tools.sudo.pass(request, reply, found.session) : found.session;
    return session && { request, reply, session, origin: tools.originOf(request) };
  }

  return {
    page(path, { isSensitive = false, work }) {
      scope.get(path, async (request, reply) => {
        const asking = await acting(request, reply, isSensitive);
        return asking ? await work(asking) : reply;
      });
    },
    form(path, { isSensitive = false, work, refused }) {
      scope.post(path, async (request, reply) => {
        const asking = await acting(request, reply, isSensitive);
        if (!asking) return reply;
        try {
          return await work(asking);
        } catch (error) {
          return await refused(asking, problemsFrom(error));
        }
      });
    },
  };
}

/** For a page without the field that a refusal belongs to. */
export function asWhole({ problems, status }: Refused): Refused {
  const whole = problems.whole ?? Object.values(problems.fields).join(' ');
  return { problems: { whole, fields: {} }, status };
}
