import { z } from 'zod';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { pushSubscription } from './fields.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

const device = z
  .object({ id: z.string(), user_agent: z.string().nullable(), created_at: z.iso.datetime() })
  .meta({ id: 'PushDevice' });
const deviceList = z.object({ subscriptions: z.array(device) }).meta({ id: 'PushDeviceList' });
const PATH = '/users/@me/push/subscriptions';

interface Device {
  id: string;
  userAgent: string | null;
  createdAt: number;
}

function present({ id, userAgent, createdAt }: Device): z.infer<typeof device> {
  return { id, user_agent: userAgent, created_at: new Date(createdAt).toISOString() };
}

/** Ours, not Fluxer's: devices that want notices about the account by web push. */
export const pushRoutes: FluxerRoutes = (scope, { pushDevices }) => {
  scope.get(
    PATH,
    {
      config: { fluxer: { bucket: buckets.pushList, needs: 'session' } },
      schema: {
        operationId: 'list_push_subscriptions',
        summary: 'Devices that get notices about the account',
        security: [{ sessionToken: [] }],
        response: { 200: deviceList },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      return { subscriptions: (await pushDevices.list(session.userId)).map(present) };
    },
  );

  scope.post(
    PATH,
    {
      config: { fluxer: { bucket: buckets.pushAdd, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'add_push_subscription',
        summary: 'Send notices about the account to this device',
        description: "Takes the browser's `PushSubscription` as its `toJSON()` writes it.",
        security: [{ sessionToken: [] }],
        body: pushSubscription,
        response: { 200: device },
      },
    },
    async (request) => {
      const { endpoint, keys } = request.body;
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      return present(await pushDevices.add({ session, origin, subscription: { endpoint, ...keys } }));
    },
  );

  scope.delete(
    `${PATH}/:subscription_id`,
    {
      config: { fluxer: { bucket: buckets.pushRemove, needs: 'session', sudo: 'never' } },
      schema: {
        operationId: 'remove_push_subscription',
        summary: 'Send no more notices to a device',
        security: [{ sessionToken: [] }],
        params: z.object({ subscription_id: z.string() }),
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      await pushDevices.remove({ session, origin, id: request.params.subscription_id });
      return reply.code(204).send(null);
    },
  );
};
