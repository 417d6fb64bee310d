import { coverJpeg } from '../artwork/cover.ts';
import { wavOf } from '../music/wav.ts';
import { AppClient } from './app-client.ts';
import type { SampleArtist, SampleRelease, SampleTrack } from './catalogue.ts';
import type { Encoder } from './encoder.ts';
import type { PublishedSamples } from './published.ts';

export type Publication = {
	app: string;
	passwords: ReadonlyMap<string, string>;
	published: PublishedSamples;
	encoder: Encoder;
	onDone(title: string): void;
};

async function sendTrack(
	client: AppClient,
	release: SampleRelease,
	track: SampleTrack,
	{ published, encoder }: Publication
): Promise<string | undefined> {
	const { piece, title, description } = track;
	const recording = await encoder.encode(wavOf(piece.compose()), track.format);
	const image = new Uint8Array(await coverJpeg(release.cover));
	const { slug } = piece;
	const { album } = release;
	const uploadId = await client.send({ title, description, album, slug, image, recording });
	if (uploadId) await published.markSent(slug, uploadId);
	return uploadId;
}

async function publishTrack(
	client: AppClient,
	release: SampleRelease,
	track: SampleTrack,
	publication: Publication
): Promise<void> {
	const { published } = publication;
	const { slug } = track.piece;
	const earlier = published.uploadOf(slug);
	const isThere = earlier !== undefined && (await client.follow(track.title, earlier));
	if (!isThere) {
		const uploadId = await sendTrack(client, release, track, publication);
		if (uploadId) await client.follow(track.title, uploadId);
	}
	await published.markDone(slug);
	publication.onDone(track.title);
}

/**
 * Publishes what is missing of an artist's music, one track after the other: the order of an album
 * is the order in which its tracks appear.
 */
export async function publishArtist(artist: SampleArtist, publication: Publication): Promise<void> {
	const missing = artist.releases.flatMap((release) =>
		release.tracks
			.filter((track) => !publication.published.isDone(track.piece.slug))
			.map((track) => ({ release, track }))
	);
	if (missing.length === 0) return;
	const password = publication.passwords.get(artist.handle) ?? '';
	const client = await AppClient.signIn(publication.app, artist.handle, password);
	await client.ensureProfile(artist.displayName, artist.bio);
	for (const { release, track } of missing) await publishTrack(client, release, track, publication);
}
