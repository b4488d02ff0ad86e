import type { Sealer } from '../../crypto/index.ts';

/** The secret of a mail that approves a place, and the address that the mail went to. */
interface ApprovalLink {
  secret: string;
  mailedTo: string;
}

const SEALED_FOR = 'place-approval';

/** The address lies with the secret, so that a mailbox that was given up meanwhile approves nothing any more. */
export function sealApprovalLink(sealer: Sealer, { secret, mailedTo }: ApprovalLink): string {
  return sealer.seal(SEALED_FOR, `${secret} ${mailedTo}`);
}

export function openApprovalLink(sealer: Sealer, sealed: string): ApprovalLink {
  const [secret = '', ...address] = sealer.open(SEALED_FOR, sealed).split(' ');
  return { secret, mailedTo: address.join(' ') };
}
