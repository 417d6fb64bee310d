import { byteSize, timeLeft } from '#lib/format.ts';
import type { FoundFile } from './dropped-files.ts';
import { groupOfReplacement } from './group-of-replacement.ts';
import { isParked, isUnsettled } from './stages.ts';
import { titleFromFileName } from './title-from-file-name.ts';
import { TransferRate } from './transfer-rate.ts';
import { isFinished, type UploadState } from './upload.ts';

/**
 * `queued`: waits for its turn. `interrupted`: the line is broken, it goes on by itself. `paused`:
 * the server asked to wait, it goes on by itself after that.
 */
export type TabPhase = 'queued' | 'sending' | 'interrupted' | 'paused' | 'working' | 'over';

const SENDING = new Set<TabPhase>(['queued', 'sending', 'interrupted', 'paused']);

/** One upload this tab knows about: bytes on their way, then the server's stages. */
export class UploadInTab {
	/** stays the same from the first byte to the track */
	readonly key: string;
	/** null: published by itself, or new audio for a track */
	readonly releaseId: string | null;
	/** the track it is new audio for */
	readonly replacesTrackId: number | null;
	/** what is followed together with it; null: it is followed alone */
	readonly groupId: string | null;
	/** what is sent from this tab; null for one that is only followed */
	readonly source: FoundFile | null;
	/** the upload of its release that goes when it has begun, and whose words it takes over */
	readonly inPlaceOf: string | null;
	/** null until the server has taken it on */
	uploadId = $state<string | null>(null);
	/** 1-based place in its release; it is told to the server when the upload begins */
	position: number;
	phase = $state<TabPhase>('queued');
	sentBytes = $state(0);
	totalBytes = $state(0);
	secondsLeft = $state<number | null>(null);
	/** why and until when it waits; null when it does not */
	pause = $state.raw<{ untilMs: number; sentence: string } | null>(null);
	/** the last that the server said */
	server = $state.raw<UploadState | null>(null);
	/** why it ended without a track; a sentence */
	error = $state<string | null>(null);
	#rate = new TransferRate();
	#begun = Promise.withResolvers<null>();
	#stop = new AbortController();

	constructor(
		key: string,
		releaseId: string | null,
		from:
			| { source: FoundFile; position: number; inPlaceOf?: string | null }
			| { source: FoundFile; replacesTrackId: number }
			| { server: UploadState }
	) {
		this.key = key;
		this.releaseId = releaseId;
		const server = 'server' in from ? from.server : null;
		this.source = 'source' in from ? from.source : null;
		this.position = 'position' in from ? from.position : (server?.release_position ?? 1);
		this.inPlaceOf = ('inPlaceOf' in from ? from.inPlaceOf : null) ?? null;
		this.replacesTrackId =
			'replacesTrackId' in from ? from.replacesTrackId : (server?.replaces_track_id ?? null);
		const replaces = this.replacesTrackId;
		this.groupId = releaseId ?? (replaces === null ? null : groupOfReplacement(replaces));
		this.server = server;
		this.uploadId = server?.upload_id ?? null;
		if (server) this.#begun.resolve(null);
		this.phase = server ? 'working' : 'queued';
		this.totalBytes = this.source?.file.size ?? server?.size_bytes ?? 0;
	}

	readonly isOver = $derived(this.phase === 'over');
	readonly isSending = $derived(SENDING.has(this.phase));
	/** stands still until somebody acts */
	readonly isHalted = $derived(
		this.server?.status === 'waiting' && !isUnsettled(this.server) && !this.isSending
	);
	/** everything about it is done but what the artist, or the day, decides */
	readonly isReady = $derived(this.isHalted && this.server !== null && isParked(this.server));
	readonly name = $derived.by(() => {
		const fileName = this.source?.file.name ?? this.server?.file_name ?? '';
		return this.server?.title || titleFromFileName(fileName) || 'your upload';
	});

	/** 0..1 of what is going on at present, null when that has no known end */
	readonly progress = $derived.by(() => {
		if (this.phase === 'queued') return this.totalBytes > 0 ? this.sentBytes / this.totalBytes : 0;
		if (this.isSending) return this.totalBytes > 0 ? this.sentBytes / this.totalBytes : null;
		if (this.server?.status === 'receiving') return null;
		const percent = this.server?.server_progress_pct;
		return typeof percent === 'number' ? percent / 100 : null;
	});

	/** what is going on, in words that stay still while numbers run */
	readonly message = $derived.by(() => {
		if (this.error) return this.error;
		if (this.phase === 'queued') return 'waits for its turn';
		if (this.phase === 'interrupted') return 'connection lost. it goes on by itself';
		if (this.pause) return this.pause.sentence;
		if (this.phase === 'sending') return 'sending';
		// the last thing heard may still be about bytes that are all there by now
		if (!this.server || this.server.status === 'receiving') return 'has arrived';
		return this.server.message;
	});

	/** the running numbers, or null when there are none */
	readonly detail = $derived.by(() => {
		if (this.phase !== 'sending') return null;
		const sent = `${byteSize(this.sentBytes)} of ${byteSize(this.totalBytes)}`;
		return this.secondsLeft === null ? sent : `${sent} · ${timeLeft(this.secondsLeft)} left`;
	});

	/** Resolves when the server has taken it on; never, when it will not. */
	get begun(): Promise<unknown> {
		return this.#begun.promise;
	}

	/** The server has taken it on. */
	noteBegun(uploadId: string): void {
		this.uploadId = uploadId;
		this.#begun.resolve(null);
	}

	/** aborted when it is taken out: nothing of it goes on */
	get signal(): AbortSignal {
		return this.#stop.signal;
	}

	stop(): void {
		this.#stop.abort(new DOMException('it was taken out', 'AbortError'));
	}

	noteSent(sentBytes: number, totalBytes: number, nowMs: number): void {
		this.phase = 'sending';
		this.pause = null;
		this.sentBytes = sentBytes;
		this.totalBytes = totalBytes;
		this.#rate.note(sentBytes, nowMs);
		this.secondsLeft = this.#rate.secondsLeft(totalBytes);
	}

	noteInterrupted(): void {
		this.phase = 'interrupted';
		this.pause = null;
	}

	/** The server asks to wait until then; the sentence is its own. */
	notePaused(untilMs: number, sentence: string): void {
		this.phase = 'paused';
		this.pause = { untilMs, sentence };
	}

	/** It has begun, or what stood in its way is gone: it takes its turn. */
	noteQueued(): void {
		this.phase = 'queued';
		this.pause = null;
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
		this.pause = null;
		this.error = error;
	}
}
