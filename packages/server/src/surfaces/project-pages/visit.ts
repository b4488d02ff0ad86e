import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Project } from '../../core/project/index.ts';
import type { Bucket } from '../../http/index.ts';
import { fieldOf } from '../../pages-kit/index.ts';
import { strings } from './strings.ts';
import type { Tools } from './surface.ts';
import { AstrayView, MessageView } from './views.tsx';
import { type Astray, queryOf, type Way } from './way.ts';

/** Somebody at a page of a project. */
export interface Landing {
  project: Project;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Where the browser goes from here when all is done, if that is known. */
  leadsTo?: string;
}

/** The same, on the way back to an app. */
export interface Visit extends Landing {
  way: Way;
}

/** A switch of the project; a page whose switch is off neither shows nor takes its form (FX-04). */
type Method = keyof Project['settings']['methods'];

interface Message {
  title: string;
  text: string;
  status?: number;
  link?: { href: string; text: string };
  scripts?: readonly string[];
}

const OFF = { title: strings.switchedOffTitle, text: strings.switchedOff, status: 403 };

interface Options {
  method?: Method;
  bucket?: Bucket;
  /** What the address brings is used up. */
  spends?: true;
}

/** The path of a page of a project. */
export function pathOf(project: Project, page: string): string {
  return `/p/${project.id}/${page}`;
}

/** The same visit, at another of the pages. */
export function linkTo({ project, way }: Pick<Visit, 'project' | 'way'>, page: string): string {
  return `${pathOf(project, page)}?${queryOf(way)}`;
}

/** Declares the pages of projects: each handler gets the project as it is now, and the way, or is not asked. */
export function visitScope(scope: FastifyInstance, tools: Tools) {
  type Work<At> = (at: At) => Promise<FastifyReply>;

  function message(here: Landing, { title, status = 200, scripts = [], ...said }: Message): FastifyReply {
    return tools.show(here, { title, content: MessageView(said), status, scripts });
  }

  const over = (here: Landing) =>
    message(here, { title: strings.overTitle, text: strings.over, status: 400 });

  async function isOff({ project }: Landing, method: Method | undefined): Promise<boolean> {
    return method !== undefined && !(await tools.projectProviders.methodsOf(project))[method];
  }

  function switchedOff(visit: Visit): FastifyReply {
    const link = { href: linkTo(visit, 'sign-in'), text: strings.back };
    return message(visit, { ...OFF, link });
  }

  function astray(here: Landing, why: Astray): FastifyReply {
    const status = why === 'redirect-refused' ? 403 : 400;
    return tools.show(here, { title: strings.astray.title, content: AstrayView({ why }), status });
  }

  async function landing(request: FastifyRequest, reply: FastifyReply): Promise<Landing | null> {
    const { project: id } = request.params as { project: string };
    const project = await tools.projects.find(id);
    return project && { project, request, reply };
  }

  /** A page or a form that needs no way: where a mail's link lands. */
  function at(
    verb: 'GET' | 'POST',
    path: string,
    work: Work<Landing>,
    { method, bucket, spends }: Options = {},
  ): void {
    scope.route({
      method: verb,
      url: path,
      // Whoever only looks must not spend what the address brings.
      ...(spends && { exposeHeadRoute: false }),
      schema: { hide: true },
      ...(bucket && { config: { pages: { bucket } } }),
      async handler(request, reply) {
        const here = await landing(request, reply);
        if (!here)
          return tools.tell(reply, { title: strings.unknownTitle, text: strings.unknown, status: 404 });
        if (await isOff(here, method)) return message(here, OFF);
        return await work(here);
      },
    });
  }

  return {
    at,
    over,
    message,
    /** A page that an app's link opens. */
    page(path: string, work: Work<Visit>, { method }: Pick<Options, 'method'> = {}): void {
      at('GET', path, async (here) => {
        const way = tools.ways.asked(here.request, here.project);
        if (typeof way === 'string') return astray(here, way);
        const visit = { ...here, way };
        return (await isOff(here, method)) ? switchedOff(visit) : await work(visit);
      });
    },
    /** A form of such a page, with the way in the field `way`. */
    form(path: string, work: Work<Visit>, { method, bucket }: Options = {}): void {
      at(
        'POST',
        path,
        async (here) => {
          const way = tools.ways.open(here.project, fieldOf(here.request, 'way'));
          if (!way) return over(here);
          const visit = { ...here, way };
          return (await isOff(here, method)) ? switchedOff(visit) : await work(visit);
        },
        bucket ? { bucket } : {},
      );
    },
  };
}
