import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isDirectLoopback, isLocalHost } from '../../http/index.ts';
import { MailboxView } from './mailbox-view.tsx';
import { strings } from './page-strings.ts';
import type { PageTools } from './surface.ts';
import { MessageView } from './views.tsx';

/** The dev mailbox as a page and as JSON. It holds live secrets, so it is open only where nobody else can stand. */
export function mailboxPages(scope: FastifyInstance, tools: PageTools): void {
  const { devMailbox, publicUrl, sessionOf, show } = tools;
  const isLocalSite = isLocalHost(new URL(publicUrl).host);

  async function mayRead(request: FastifyRequest): Promise<boolean> {
    if (isLocalSite && isDirectLoopback(request)) return true;
    const found = await sessionOf(request);
    if (!found) return false;
    // It holds everybody's links, a full administrator's too: nobody who holds less may read them.
    const { admin } = await tools.permissionsOf(found.session.userId);
    return admin.some(({ section, action }) => section === '*' && action === '*');
  }

  const closed = {
    title: strings.mailbox.closedTitle,
    content: <MessageView text={strings.mailbox.closed} />,
    status: 403,
  };
  const off = {
    title: strings.mailbox.closedTitle,
    content: <MessageView text={strings.mailbox.off} />,
    status: 404,
  };

  scope.get('/dev/mailbox', async (request, reply) => {
    if (!devMailbox) return show(reply, off);
    if (!(await mayRead(request))) return show(reply, closed);
    await tools.mailSettled();
    const mails = await devMailbox.list(null);
    return show(reply, {
      title: strings.mailbox.title,
      content: <MailboxView mails={mails} />,
      width: 'wide',
    });
  });

  scope.get<{ Querystring: { to?: unknown } }>('/dev/mailbox.json', async (request, reply) => {
    if (!devMailbox) return reply.code(404).send({ message: strings.mailbox.off });
    if (!(await mayRead(request))) return reply.code(403).send({ message: strings.mailbox.closed });
    await tools.mailSettled();
    const { to } = request.query;
    // No address holds a NUL, and PostgreSQL refuses a text that does.
    if (typeof to === 'string' && to.includes('\u0000')) return [];
    const mails = await devMailbox.list(typeof to === 'string' && to !== '' ? to : null);
    return mails.map((mail) => ({ ...mail, createdAt: new Date(mail.createdAt).toISOString() }));
  });
}
