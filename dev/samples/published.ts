import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '../write-file-whole.ts';
import { SAMPLE_ARTISTS } from './catalogue.ts';

const publishedTracks = z.object({
	/** by the slug of the piece: sent and not known to be done yet, or done */
	tracks: z.record(
		z.discriminatedUnion('state', [
			z.object({ state: z.literal('sent'), uploadId: z.string() }),
			z.object({ state: z.literal('done') })
		])
	)
});
type TrackStates = z.infer<typeof publishedTracks>['tracks'];

const fileIn = (dataDir: string): string => path.join(dataDir, 'sample-catalogue.json');

/** How many tracks the sample catalogue has. */
export const SAMPLE_COUNT = SAMPLE_ARTISTS.flatMap((artist) =>
	artist.releases.flatMap((release) => release.tracks)
).length;

/** What of the sample catalogue has been published, kept so that a broken-off start goes on. */
export class PublishedSamples {
	readonly #file: string;
	readonly #tracks: TrackStates;

	private constructor(file: string, tracks: TrackStates) {
		this.#file = file;
		this.#tracks = tracks;
	}

	static async open(dataDir: string): Promise<PublishedSamples> {
		const file = fileIn(dataDir);
		const text = await readFile(file, 'utf8').catch(() => '{"tracks":{}}');
		return new PublishedSamples(file, publishedTracks.parse(JSON.parse(text)).tracks);
	}

	get doneCount(): number {
		return Object.values(this.#tracks).filter((track) => track.state === 'done').length;
	}

	get isComplete(): boolean {
		return this.doneCount >= SAMPLE_COUNT;
	}

	isDone(slug: string): boolean {
		return this.#tracks[slug]?.state === 'done';
	}

	/** The upload an interrupted start has left behind, if it got that far. */
	uploadOf(slug: string): string | undefined {
		const track = this.#tracks[slug];
		return track?.state === 'sent' ? track.uploadId : undefined;
	}

	async markSent(slug: string, uploadId: string): Promise<void> {
		this.#tracks[slug] = { state: 'sent', uploadId };
		await this.#save();
	}

	async markDone(slug: string): Promise<void> {
		this.#tracks[slug] = { state: 'done' };
		await this.#save();
	}

	async #save(): Promise<void> {
		await writeFileWhole(this.#file, JSON.stringify({ tracks: this.#tracks }));
	}
}
