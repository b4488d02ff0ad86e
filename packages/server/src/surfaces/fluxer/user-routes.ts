import { AuthError } from '../../core/errors.ts';
import type { Origin } from '../../core/origin.ts';
import type { Profile, ProfileChange } from '../../core/profile/index.ts';
import type { LiveSession } from '../../core/session/index.ts';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { invalidItems } from './errors.ts';
import { PICTURES_BODY_BYTES } from './media-routes.ts';
import { presentUserPrivate } from './present.ts';
import * as schemas from './schemas.ts';
import { type GivenProof, isUnclaimed } from './sudo.ts';
import type { FluxerRoutes } from './surface.ts';

/** Contract 4.1 and 4.2: who am I, and changing what I show. */
export const userRoutes: FluxerRoutes = (scope, deps) => {
  const { clock, emailChanges, profiles, recovery, sessions, cookie, cookieEnabled, sudo } = deps;

  scope.get(
    '/users/@me',
    {
      config: { fluxer: { bucket: buckets.me, needs: 'session' } },
      schema: {
        operationId: 'get_current_user',
        summary: 'Who am I',
        security: [{ sessionToken: [] }],
        response: { 200: schemas.userPrivateResponse },
      },
    },
    async (request) => presentUserPrivate(identityOf(request).session, clock()),
  );

  scope.patch(
    '/users/@me',
    {
      bodyLimit: PICTURES_BODY_BYTES,
      config: { fluxer: { bucket: buckets.userUpdate, needs: 'session', sudo: 'inside' } },
      schema: {
        operationId: 'update_current_user',
        summary: 'Change what I show, or my password',
        security: [{ sessionToken: [] }],
        body: schemas.userUpdateRequest,
        response: { 200: schemas.userPrivateResponse },
      },
    },
    async (request, reply) => {
      const identity = identityOf(request);
      const { session } = identity;
      const { origin } = contextOf(request);
      const { body } = request;
      const newPassword = body.new_password ?? null;
      if (isUnclaimed(session)) refuseMoreThanClaiming(body);
      if (newPassword !== null && body.password == null && session.passwordChangedAt !== null) {
        throw new AuthError('current-password-missing');
      }
      const change = profileChange(body, session.profile);
      const emailToken = body.email_token ?? null;
      let given: GivenProof | null = null;
      if (newPassword !== null || emailToken !== null || change.username !== undefined) {
        given = await sudo.require(request, reply, {
          proof: body,
          grants: true,
          wantsPassword: newPassword !== null,
        });
      }
      const token = (await apply({ session, change, newPassword, emailToken, origin })) ?? identity.token;
      if (token !== identity.token) {
        // There is no gateway to tell clients of the session that replaces theirs (contract 4.2); a header does.
        void reply.header('x-fluxer-session-token', token);
        if (cookieEnabled) cookie.write(reply, token);
      }
      const changed = await sessions.find(token, 'fluxer');
      if (!changed) throw new AuthError('not-signed-in');
      if (token !== identity.token) await sudo.handOn(request, reply, { given, next: changed });
      return presentUserPrivate(changed, clock());
    },
  );

  /** All that a request changes, or nothing of it. Returns the token of the session that takes this one's place. */
  async function apply(wanted: Wanted): Promise<string | null> {
    const { session, change, newPassword, emailToken, origin } = wanted;
    const { projectId, userId } = session;
    const actor = { userId, sessionId: session.id, origin };
    const profile = Object.keys(change).length === 0 ? null : { projectId, userId, change, actor };
    if (newPassword === null && emailToken === null) {
      if (profile) await profiles.change(profile);
      return null;
    }
    const writeProfile = profile ? await profiles.prepare(profile) : async () => undefined;
    if (newPassword === null) {
      if (emailToken !== null)
        await emailChanges.apply({ session, origin, emailToken, together: writeProfile });
      return null;
    }
    const replacing = await recovery.changePassword({
      session,
      newPassword,
      origin,
      async together(tx) {
        if (emailToken !== null) await emailChanges.applyIn(tx, { session, origin, emailToken });
        await writeProfile(tx);
      },
    });
    return replacing?.token ?? null;
  }
};

interface Wanted {
  session: LiveSession;
  change: ProfileChange;
  newPassword: string | null;
  emailToken: string | null;
  origin: Origin;
}

/** Contract 4.2: what an account may change before it is somebody's. */
const CLAIMING = new Set(['username', 'discriminator', 'new_password', 'email_token', 'password']);

function refuseMoreThanClaiming(body: schemas.UserUpdateRequest): void {
  const others = Object.entries(body).filter(([key, value]) => value != null && !CLAIMING.has(key));
  if (others.length === 0) return;
  throw invalidItems('UNCLAIMED_ACCOUNTS_CAN_ONLY_SET_EMAIL_VIA_TOKEN', ...others.map(([key]) => key));
}

/** What the body changes of the profile; a username that stays the same is no change and needs no proof. */
function profileChange(body: schemas.UserUpdateRequest, current: Profile): ProfileChange {
  if (body.discriminator != null && Number(body.discriminator) !== current.discriminator) {
    throw invalidItems('CHANGING_DISCRIMINATOR_REQUIRES_PREMIUM', 'discriminator');
  }
  const switched = schemas.PREFERENCES.filter((name) => body[name] != null);
  return {
    ...(body.username != null && body.username !== current.username && { username: body.username }),
    ...(body.global_name !== undefined && { globalName: body.global_name }),
    ...(body.bio !== undefined && { bio: body.bio }),
    ...(body.pronouns !== undefined && { pronouns: body.pronouns }),
    ...(body.accent_color !== undefined && { accentColor: body.accent_color }),
    ...(body.avatar !== undefined && { avatar: body.avatar }),
    ...(body.banner !== undefined && { banner: body.banner }),
    ...(switched.length > 0 && {
      preferences: Object.fromEntries(switched.map((name) => [name, body[name] === true])),
    }),
  };
}
