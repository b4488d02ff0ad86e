import type { Permissions } from '../core/access/index.ts';
import type { Client, Reply } from './client.ts';
import { newEmail, PASSWORD, type World } from './world.ts';

interface Place {
  baseUrl: string;
  client(): Client;
}

/** Somebody at the admin API with the cookie of the hosted pages, which each answer may replace. */
export class AdminClient {
  readonly place: Place;
  cookie: string;

  private constructor(place: Place, cookie: string) {
    this.place = place;
    this.cookie = cookie;
  }

  /** The administrator that a fresh server is set up with, who has just proved that it is them. */
  static async ofSetup(world: World): Promise<AdminClient> {
    return await AdminClient.byLink(
      world,
      (await world.instance.setup.issueLink(world.instance.project.id)) ?? '',
    );
  }

  /** The same, by the token of the link that a server prints when it is first started. */
  static async byLink(place: Place, token: string): Promise<AdminClient> {
    const made = await place.client().form('/setup', { token, email: newEmail(), password: PASSWORD });
    const admin = new AdminClient(place, cookieIn(made) ?? '');
    await admin.send('POST', '/sudo', { password: PASSWORD });
    return admin;
  }

  /** A user with these rights and no others, who has just proved that it is them. */
  static async withRights(world: World, rights: Partial<Permissions>) {
    const { email, userId } = await world.person();
    await setRights(world, userId, rights);
    const signedIn = await world.client().form('/login', { email, password: PASSWORD });
    const caller = new AdminClient(world, cookieIn(signedIn) ?? '');
    await caller.send('POST', '/sudo', { password: PASSWORD });
    return { caller, userId, email };
  }

  async send(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await this.place.client().send(`/admin/v1${path}`, {
      method,
      ...(body !== undefined && { body }),
      headers: { origin: this.place.baseUrl, cookie: this.cookie },
    });
    this.cookie = cookieIn(reply) ?? this.cookie;
    return reply;
  }

  get = (path: string) => this.send('GET', path);
  post = (path: string, body?: unknown) => this.send('POST', path, body);
}

function cookieIn(reply: Reply): string | undefined {
  return reply.headers.getSetCookie()[0]?.split(';')[0];
}

/** In place of all rights of the user's own. */
export async function setRights(
  world: World,
  userId: string,
  { admin = [], resources = [] }: Partial<Permissions>,
): Promise<void> {
  const { db } = world.instance.storage;
  const role_id = `role_user_${userId}`;
  await db.deleteFrom('role').where('id', '=', role_id).execute();
  const role = { id: role_id, project_id: world.instance.project.id, code: null, user_id: userId };
  await db
    .insertInto('role')
    .values({ ...role, created_at: 0, updated_at: 0 })
    .execute();
  for (const row of admin)
    await db
      .insertInto('role_admin_row')
      .values({ role_id, ...row })
      .execute();
  for (const row of resources)
    await db
      .insertInto('role_resource_row')
      .values({ role_id, ...row })
      .execute();
}
