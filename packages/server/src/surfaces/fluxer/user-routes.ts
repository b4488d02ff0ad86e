import { AuthError } from '../../core/errors.ts';
import type { Profile, ProfileChange } from '../../core/profile/index.ts';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { invalidItems } from './errors.ts';
import { presentUserPrivate } from './present.ts';
import { requireProof } from './proof.ts';
import * as schemas from './schemas.ts';
import type { FluxerRoutes } from './surface.ts';

/** Contract 4.1 and 4.2: who am I, and changing what I show. */
export const userRoutes: FluxerRoutes = (scope, deps) => {
  const { clock, gate, profiles, recovery, sessions, cookie, cookieEnabled } = deps;

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
      config: { fluxer: { bucket: buckets.userUpdate, needs: 'session' } },
      schema: {
        operationId: 'update_current_user',
        summary: 'Change what I show, or my password',
        security: [{ sessionToken: [] }],
        body: schemas.userUpdateRequest,
        response: { 200: schemas.userPrivateResponse },
      },
    },
    async (request, reply) => {
      const { session, token } = identityOf(request);
      const { origin } = contextOf(request);
      const { body } = request;
      const actor = { userId: session.userId, sessionId: session.id, origin };
      const change = profileChange(body, session.profile);
      const newPassword = body.new_password ?? null;
      if (newPassword !== null && body.password == null && session.passwordChangedAt !== null) {
        throw new AuthError('current-password-missing');
      }
      if (newPassword !== null || change.username !== undefined) {
        await requireProof(gate, { session, password: body.password, origin });
      }
      if (Object.keys(change).length > 0) {
        await profiles.change({ projectId: session.projectId, userId: session.userId, change, actor });
      }
      let currentToken = token;
      if (newPassword !== null) {
        // There is no gateway to tell clients of the session that replaces theirs (contract 4.2), so a header does.
        currentToken = (await recovery.changePassword({ session, newPassword, origin })).token;
        void reply.header('x-fluxer-session-token', currentToken);
        if (cookieEnabled) cookie.write(reply, currentToken);
      }
      const changed = await sessions.find(currentToken, 'fluxer');
      if (!changed) throw new AuthError('not-signed-in');
      return presentUserPrivate(changed, clock());
    },
  );
};

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
    ...(switched.length > 0 && {
      preferences: Object.fromEntries(switched.map((name) => [name, body[name] === true])),
    }),
  };
}
