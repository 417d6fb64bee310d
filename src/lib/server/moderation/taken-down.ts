import type { ModeratedSubject } from '#lib/moderation/takedown.ts';
import type { Db } from '#lib/server/db/connect.ts';
import { DomainError, forbidden } from '#lib/server/errors.ts';
import {
	findOfAccount,
	findOfFile,
	findOfImage,
	findOfSubject,
	findOfTrack,
	type TakedownReason
} from './taken-down-queries.ts';

/**
 * Says that something is hidden, and why: 451 on legal ground (rfc 7725), else 410. It may come back,
 * so nobody is to keep the answer.
 */
function takenDown(code: string, what: string, { ground, reason }: TakedownReason): DomainError {
	if (ground === 'own') {
		return new DomainError(410, code, `${what} is not here any more: who published it has left`);
	}
	return ground === 'legal'
		? new DomainError(451, code, `${what} is not shown here for legal reasons: ${reason}`)
		: new DomainError(410, code, `whoever runs this site has taken ${what} down: ${reason}`);
}

/** Whether a refusal is one of these. */
export const isTakenDown = (cause: unknown): cause is DomainError =>
	cause instanceof DomainError && cause.code.endsWith('_taken_down');

/** @throws DomainError 451 or 410 `track_taken_down` when a track is hidden */
export async function refuseHiddenTrack(db: Db, id: number): Promise<void> {
	const found = await findOfTrack(db, id);
	if (found) throw takenDown('track_taken_down', 'this track', found);
}

/** @throws DomainError 451 or 410 when a track or an account is hidden */
export async function refuseHiddenSubject(
	db: Db,
	subject: Pick<ModeratedSubject, 'kind' | 'subject' | 'did'>
): Promise<void> {
	const found = await findOfSubject(db, subject);
	if (found) throw takenDown(`${subject.kind}_taken_down`, `this ${subject.kind}`, found);
}

/** @throws DomainError 451 or 410 `account_taken_down` when an account is hidden */
export async function refuseHiddenAccount(db: Db, did: string): Promise<void> {
	const found = await findOfAccount(db, did);
	if (found) throw takenDown('account_taken_down', 'this account', found);
}

/** @throws DomainError 403 `account_taken_down` or `account_deletion` when somebody may publish nothing here any more */
export async function refuseHiddenArtist(db: Db, did: string): Promise<void> {
	const found = await findOfAccount(db, did);
	if (!found) return;
	if (found.ground === 'own') {
		throw forbidden(
			'account_deletion',
			'your account is about to be deleted, so nothing new can be published. your settings say how to keep it'
		);
	}
	throw forbidden(
		'account_taken_down',
		`your account was taken down here, so nothing new can be published: ${found.reason}. your portal says what you can do`
	);
}

/** @throws DomainError 451 or 410 `audio_taken_down` when nothing shown streams a file, and something hidden does */
export async function refuseHiddenFile(db: Db, fileId: string): Promise<void> {
	const found = await findOfFile(db, fileId);
	if (found) throw takenDown('audio_taken_down', 'this recording', found);
}

/** @throws DomainError 451 or 410 `image_taken_down` when a picture belongs to something hidden, and to nothing shown */
export async function refuseHiddenImage(db: Db, imageId: string): Promise<void> {
	const found = await findOfImage(db, imageId);
	if (found) throw takenDown('image_taken_down', 'this picture', found);
}
