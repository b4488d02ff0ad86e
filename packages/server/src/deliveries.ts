import type { Clock } from './chance.ts';
import type { Config } from './config/index.ts';
import type { Contacts } from './core/contact/index.ts';
import type { MagicLinks } from './core/magic-link/index.ts';
import type { PushDevices } from './core/notice/index.ts';
import type { Origin } from './core/origin.ts';
import type { Projects } from './core/project/index.ts';
import type { Recovery } from './core/recovery/index.ts';
import type { Sealer } from './crypto/index.ts';
import {
  createMailer,
  createOutboxWorker,
  createSmtpTransport,
  type DevMailbox,
  type MailSite,
  UnknownMailboxError,
} from './delivery/index.ts';
import type { Storage } from './storage/index.ts';

interface Dependencies {
  config: Config;
  storage: Storage;
  sealer: Sealer;
  clock: Clock;
  projectId: string;
  projects: Pick<Projects, 'find'>;
  devMailbox: DevMailbox | null;
  contacts: Contacts;
  recovery: Recovery;
  magicLinks: MagicLinks;
  pushDevices: PushDevices;
  onFailure: Parameters<typeof createOutboxWorker>[0]['onFailure'];
  onBackgroundError(error: unknown): void;
}

/** What works the outbox off: mail and tasks in one row, pushes to services that anybody may name in another. */
export function createDeliveries(deps: Dependencies) {
  const { config, projectId, projects, devMailbox, contacts, recovery, magicLinks, pushDevices } = deps;
  const { publicUrl } = config;

  async function siteOf(id: string | null): Promise<MailSite> {
    if (id === null || id === projectId)
      return { name: config.siteName, publicUrl, projectId, isDefault: true, logoUrl: null, color: null };
    const project = await projects.find(id);
    if (!project) throw new Error('The project of this mail is no more.');
    const { logo_url: logoUrl, color } = project.settings.branding;
    return { name: project.name, publicUrl, projectId: id, isDefault: false, logoUrl, color };
  }

  const transport =
    config.smtpUrl === '' ? null : createSmtpTransport({ url: config.smtpUrl, from: config.mailFrom });
  const mailer = createMailer({
    siteOf,
    transport,
    devMailbox,
  });
  const handlers: Parameters<typeof createOutboxWorker>[0]['handlers'] = {
    async mail(item) {
      try {
        await mailer.deliver(item);
      } catch (error) {
        const bounced = { projectId: item.projectId ?? projectId, address: item.to };
        if (error instanceof UnknownMailboxError) await contacts.noteBounce(bounced);
        throw error;
      }
    },
    push: (item) => pushDevices.deliver(item),
    async task(tx, { kind, to, values }) {
      if (kind === 'magic-link') return await magicLinks.carryOut(tx, { email: to, values });
      if (kind !== 'recovery') throw new Error(`There is no task of kind ${kind}.`);
      await recovery.carryOut(tx, {
        projectId: values['projectId'] ?? '',
        email: to,
        linkTo: values['linkTo'] ?? null,
        origin: JSON.parse(values['origin'] ?? 'null') as Origin | null,
      });
    },
  };
  const outboxWorker = createOutboxWorker({ ...deps, handlers, channels: ['mail', 'task'] });
  const pushWorker = createOutboxWorker({ ...deps, handlers, channels: ['push'] });

  return {
    outboxWorker,
    pushWorker,
    start(): void {
      outboxWorker.start();
      pushWorker.start();
    },
    async stop(): Promise<void> {
      await Promise.all([outboxWorker.stop(), pushWorker.stop()]);
      transport?.close();
    },
  };
}
