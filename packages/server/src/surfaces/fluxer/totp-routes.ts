import { isDeepStrictEqual } from 'node:util';
import { buckets } from './buckets.ts';
import { contextOf, identityOf } from './context.ts';
import { presentBackupCodes } from './present.ts';
import * as schemas from './schemas.ts';
import { codeProof } from './sudo.ts';
import { EMPTY, type FluxerRoutes } from './surface.ts';

/** Contract 4.3: the account's authenticator app and its backup codes, which core calls recovery codes. */
export const totpRoutes: FluxerRoutes = (scope, { secondFactors }) => {
  scope.post(
    '/users/@me/mfa/totp/enable',
    {
      config: { fluxer: { bucket: buckets.totpEnable, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'enable_totp_mfa',
        summary: 'Turn on an authenticator app',
        security: [{ sessionToken: [] }],
        body: schemas.enableTotpRequest,
        response: { 200: schemas.backupCodesResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { secret, code } = request.body;
      return presentBackupCodes(await secondFactors.enableTotp({ session, secret, code, origin }));
    },
  );

  scope.post(
    '/users/@me/mfa/totp/disable',
    {
      config: { fluxer: { bucket: buckets.totpDisable, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'disable_totp_mfa',
        summary: 'Turn off the authenticator app',
        security: [{ sessionToken: [] }],
        body: schemas.disableTotpRequest,
        response: { 204: EMPTY },
      },
    },
    async (request, reply) => {
      const { session } = identityOf(request);
      const { origin, given: judged } = contextOf(request);
      const given = codeProof(request.body.code);
      // An app shows one code for half a minute: where it came as the proof too, it was used for this very act.
      const isJudged = judged !== null && isDeepStrictEqual(judged, given);
      await secondFactors.disableTotp({ session, origin, given: isJudged ? null : given });
      return reply.code(204).send(null);
    },
  );

  scope.post(
    '/users/@me/mfa/backup-codes',
    {
      config: { fluxer: { bucket: buckets.backupCodes, needs: 'session', sudo: 'grants' } },
      schema: {
        operationId: 'get_backup_codes_mfa',
        summary: 'Show the backup codes, or make others',
        security: [{ sessionToken: [] }],
        body: schemas.backupCodesRequest,
        response: { 200: schemas.backupCodesResponse },
      },
    },
    async (request) => {
      const { session } = identityOf(request);
      const { origin } = contextOf(request);
      const { regenerate } = request.body;
      const asked = { session, origin };
      return presentBackupCodes(
        regenerate
          ? await secondFactors.renewRecoveryCodes(asked)
          : await secondFactors.showRecoveryCodes(asked),
      );
    },
  );
};
