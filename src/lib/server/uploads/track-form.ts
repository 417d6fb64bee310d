import { createHash } from 'node:crypto';
import type { Context } from '#lib/server/context.ts';
import type { UploadFields } from '#lib/server/db/schema.ts';
import { invalid } from '#lib/server/errors.ts';
import { abandonUpload, acceptUpload, createUpload, refuseDuplicate } from './accept.ts';
import { refuseBeyondAllowance, takeAllowance } from './allowance.ts';
import { FIELD_NAMES, readFields, readFileName, type SentFields } from './fields.ts';
import { emptyFile, fileTooLarge, IncomingAudio } from './incoming.ts';
import { insertOnce } from './idempotency.ts';
import { beginLease, keepLease, type Lease } from './lease.ts';
import type { FormFile } from './multipart.ts';
import type { UploadRow } from './queries.ts';
import { showReceived } from './receiving-queries.ts';
import { replacedTrack } from './replaced-track.ts';
import { rightsNotConfirmed } from './rights.ts';
import { appendWhole } from './staged.ts';
import { keepStagedImage, stageImage } from './staged-image.ts';

interface Sender {
	artistDid: string;
	idempotencyKey: string | null;
	/** of the whole request, 0 when unknown: what progress is measured by */
	contentLength: number;
	/** refuses a form that does not say that its sender may publish the file */
	mustConfirmRights: boolean;
	/** the track that is to get new audio; undefined: the form may name one */
	replacesTrackId: number | undefined;
}

const EXPECTED_FILES = new Set(['file', 'image']);

/** A track on its way in as a form: collects the parts, then accepts or abandons the whole. */
export class TrackForm {
	readonly #ctx: Context;
	readonly #sender: Sender;
	readonly #sent: SentFields = {};
	readonly #taken = new Set<string>();
	#upload: UploadRow | undefined;
	#lease: Lease | undefined;
	#audio: { sha256: string; sizeBytes: number } | undefined;
	#imageStagingId: string | null = null;
	#rightsConfirmedAt: Date | undefined;
	#replaces: string | undefined;

	constructor(ctx: Context, sender: Sender) {
		this.#ctx = ctx;
		this.#sender = sender;
		this.#replaces = sender.replacesTrackId?.toString();
	}

	takeField(name: string, value: string): void {
		// a box of a page is sent when it is ticked; programs say true
		const isConfirmed = name === 'rights' || (name === 'rights_confirmed' && value === 'true');
		if (isConfirmed) this.#rightsConfirmedAt = new Date();
		const known = FIELD_NAMES.find((field) => field === name);
		if (known) this.#sent[known] = value;
		if (name === 'replaces_track_id') this.#replaces ??= value;
	}

	async takeFile(file: FormFile): Promise<void> {
		// before anything is awaited: the parser may hand out two small files at once
		const isExpected = EXPECTED_FILES.has(file.name) && !this.#taken.has(file.name);
		if (!isExpected) throw unexpectedFile();
		this.#taken.add(file.name);
		if (file.name === 'file') await this.#takeAudio(file);
		else this.#imageStagingId = await stageImage(this.#ctx, file.bytes);
	}

	/**
	 * Makes the upload a job's business.
	 * @throws DomainError 400 without a file or with a broken picture, 422 for a field or
	 * `rights_not_confirmed`, 409 for a duplicate
	 */
	async accept(): Promise<UploadRow> {
		if (!this.#upload || !this.#audio) throw missingFile();
		const { artistDid: did } = this.#sender;
		const replaced = await replacedTrack(this.#ctx, { did }, this.#replaces);
		const fields: UploadFields = replaced ? { title: replaced.title } : readFields(this.#sent);
		const rightsConfirmedAt = this.#rightsConfirmedAt;
		const mustConfirm = this.#sender.mustConfirmRights || replaced !== null;
		if (mustConfirm && !rightsConfirmedAt) throw rightsNotConfirmed();
		await refuseDuplicate(this.#ctx, did, this.#audio.sha256, replaced?.id);
		if (this.#sender.contentLength === 0) {
			const { sizeBytes } = this.#audio;
			const wanted = { artistDid: did, sizeBytes, exceptId: this.#upload.id };
			await refuseBeyondAllowance(this.#ctx, this.#ctx.db, wanted);
		}
		if (this.#imageStagingId !== null) {
			fields.imageId = await keepStagedImage(this.#ctx, this.#imageStagingId);
		}
		this.#lease?.check();
		const replacesTrackId = replaced?.id;
		const received = { ...this.#audio, fields, rightsConfirmedAt, replacesTrackId };
		return await acceptUpload(this.#ctx, this.#upload, received);
	}

	/** Leaves nothing behind of a form that was refused or broke off. */
	async abandon(): Promise<void> {
		if (this.#upload) await abandonUpload(this.#ctx, this.#upload.id);
	}

	/** Lets go of what was only needed while the form arrived. */
	async release(): Promise<void> {
		await this.#lease?.release();
		if (this.#imageStagingId !== null) {
			await this.#ctx.storage.staging.discard(this.#imageStagingId);
		}
	}

	async #takeAudio(file: FormFile): Promise<void> {
		const fileName = readFileName(file.fileName);
		if (fileName === null) return await refuseNameless(file);
		// what was sent before the file is refused before the file is read
		readFields(this.#sent);
		await replacedTrack(this.#ctx, { did: this.#sender.artistDid }, this.#replaces);
		const { maxUploadBytes: maxBytes } = this.#ctx.config;
		const incoming = new IncomingAudio({
			maxBytes,
			tooMany: () => fileTooLarge(maxBytes),
			check: () => this.#lease?.check(),
			sniff: true,
			isPart: false
		});
		const { upload, lease } = await this.#begin(fileName, incoming);
		const letGo = () => file.bytes.destroy(lease.signal.reason as Error);
		lease.signal.addEventListener('abort', letGo, { once: true });
		const hash = createHash('sha256');
		const sizeBytes = await appendWhole(
			this.#ctx,
			upload.id,
			incoming.through(file.bytes, hash),
			lease.signal
		);
		if (sizeBytes === 0) throw emptyFile();
		this.#audio = { sha256: hash.digest('hex'), sizeBytes };
	}

	/** Makes the row and the lease at once: between them, a repetition would take it for a dead one. */
	async #begin(
		fileName: string,
		incoming: IncomingAudio
	): Promise<{ upload: UploadRow; lease: Lease }> {
		const { artistDid, idempotencyKey, contentLength } = this.#sender;
		const begun = await insertOnce(() =>
			this.#ctx.db.transaction().execute(async (trx) => {
				await takeAllowance(this.#ctx, trx, { artistDid, sizeBytes: contentLength });
				const upload = await createUpload(trx, {
					artistDid,
					fileName,
					fields: {},
					sizeBytes: null,
					expiresAt: null,
					idempotencyKey
				});
				return { upload, holder: await beginLease(trx, upload) };
			})
		);
		this.#ctx.metrics.uploadsAttempted.add(1);
		const { upload, holder } = begun;
		if (holder === null) throw new Error('the lease of a new upload is taken');
		this.#upload = upload;
		this.#lease = keepLease(this.#ctx, upload, holder, () => this.#showProgress(upload, incoming));
		return { upload, lease: this.#lease };
	}

	async #showProgress(upload: UploadRow, incoming: IncomingAudio): Promise<void> {
		const { contentLength } = this.#sender;
		const received_bytes = incoming.passedBytes;
		await showReceived(this.#ctx.db, upload.id, {
			received_bytes,
			progress_pct: contentLength > 0 ? Math.min(100, (100 * received_bytes) / contentLength) : null
		});
	}
}

const unexpectedFile = () =>
	invalid('unexpected_file', 'a track has one file and at most one image');

const missingFile = () =>
	invalid('missing_file', 'there is no file in this form. choose an audio file and send it again');

/** A part without a file name: the field was left empty, or a program forgot the name. */
async function refuseNameless(file: FormFile): Promise<never> {
	for await (const _ of file.bytes) throw invalid('missing_filename', 'no filename provided');
	throw file.fileName === undefined
		? invalid('missing_filename', 'no filename provided')
		: missingFile();
}
