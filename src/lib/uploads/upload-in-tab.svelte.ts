import { byteSize, timeLeft } from '#lib/format.ts';
import { TransferRate } from './transfer-rate.ts';
import { isFinished, type UploadState } from './upload.ts';

/** What the artist filled in beside the file. */
export interface UploadForm {
	file: File;
	title: string;
	album: string;
	description: string;
	image: File | null;
}

/** `queued`: waits for its turn. `interrupted`: the line is broken, it goes on by itself. */
export type TabPhase = 'queued' | 'sending' | 'interrupted' | 'working' | 'over';

/** One upload this tab knows about: bytes on their way, then the server's stages. */
export class UploadInTab {
	/** stays the same from the first byte to the track: also the id of its toast */
	readonly key: string;
	/** what was sent from this tab; null for one that is only followed */
	readonly form: UploadForm | null;
	/** null until the server has taken it on */
	uploadId = $state<string | null>(null);
	phase = $state<TabPhase>('queued');
	sentBytes = $state(0);
	totalBytes = $state(0);
	/** the last that the server said */
	server = $state.raw<UploadState | null>(null);
	/** why it ended without a track; a sentence */
	error = $state<string | null>(null);
	#rate = new TransferRate();

	constructor(key: string, form: UploadForm | null, server: UploadState | null = null) {
		this.key = key;
		this.form = form;
		this.server = server;
		this.uploadId = server?.upload_id ?? null;
		this.phase = server ? 'working' : 'queued';
		this.totalBytes = form?.file.size ?? server?.size_bytes ?? 0;
	}

	readonly isOver = $derived(this.phase === 'over');
	/** stands still until somebody acts */
	readonly isHalted = $derived(this.server?.status === 'waiting');
	readonly isSending = $derived(
		this.phase === 'queued' || this.phase === 'sending' || this.phase === 'interrupted'
	);
	readonly name = $derived.by(() => this.form?.title || this.server?.title || this.#fileName());

	/** 0..1 of what is going on at present, null when that has no known end */
	readonly progress = $derived.by(() => {
		if (this.phase === 'queued') return 0;
		if (this.isSending) return this.totalBytes > 0 ? this.sentBytes / this.totalBytes : null;
		if (this.server?.status === 'receiving') return null;
		const percent = this.server?.server_progress_pct;
		return typeof percent === 'number' ? percent / 100 : null;
	});

	/** what is going on, in words that stay still while numbers run */
	readonly message = $derived.by(() => {
		if (this.error) return this.error;
		if (this.phase === 'queued') return `${this.name} waits for its turn`;
		if (this.phase === 'interrupted') return `${this.name}: connection lost. it goes on by itself`;
		if (this.phase === 'sending') return `sending ${this.name}`;
		// the last thing heard may still be about bytes that are all there by now
		if (!this.server || this.server.status === 'receiving') return `${this.name} has arrived`;
		return `${this.name}: ${this.server.message}`;
	});

	/** the running numbers, or null when there are none */
	readonly detail = $derived.by(() => {
		if (this.phase !== 'sending') return null;
		const sent = `${byteSize(this.sentBytes)} of ${byteSize(this.totalBytes)}`;
		const seconds = this.secondsLeft;
		return seconds === null ? sent : `${sent} · ${timeLeft(seconds)} left`;
	});

	secondsLeft = $state<number | null>(null);

	noteSent(sentBytes: number, totalBytes: number, nowMs: number): void {
		this.phase = 'sending';
		this.sentBytes = sentBytes;
		this.totalBytes = totalBytes;
		this.#rate.note(sentBytes, nowMs);
		this.secondsLeft = this.#rate.secondsLeft(totalBytes);
	}

	/** The last byte is there: what follows is the server's. */
	noteSentAll(): void {
		this.sentBytes = this.totalBytes;
		this.phase = 'working';
		// the end can have been told before the answer to the last byte arrived
		if (this.server) this.noteState(this.server);
	}

	noteState(state: UploadState): void {
		// answers can overtake each other: the version says which one is newer
		if (this.isOver || (this.server && state.version < this.server.version)) return;
		this.server = state;
		if (this.isSending) return;
		this.phase = isFinished(state) ? 'over' : 'working';
		this.error = state.status === 'failed' ? (state.error ?? state.message) : null;
	}

	fail(error: string): void {
		this.phase = 'over';
		this.error = error;
	}

	#fileName(): string {
		return this.form?.file.name ?? this.server?.file_name ?? 'your upload';
	}
}
