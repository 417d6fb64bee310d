import { SignInAgain } from '#lib/server/atproto/oauth-errors.ts';
import { addFindings } from '../queries.ts';
import type { StageWork } from './stage.ts';

/**
 * Remembers that the record is about to be written: from here on it may be there, also when nobody
 * ever hears of it, and whoever takes the upload back has to look.
 * @throws SignInAgain when nothing can be written
 */
export async function beginRecord({ ctx, upload }: StageWork): Promise<void> {
	if (upload.findings.isRecordBegun) return;
	const { artist_did: did } = upload;
	if (!(await ctx.oauth.hasGrant(did))) throw new SignInAgain(did);
	await addFindings(ctx.db, upload.id, { isRecordBegun: true });
}
