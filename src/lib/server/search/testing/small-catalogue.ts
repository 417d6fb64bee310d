import type { Db } from '#lib/server/db/connect.ts';
import type { TrackVisibility } from '#lib/server/db/schema.ts';
import { seedAudioFile } from '#lib/server/testing/seeds.ts';

interface Song {
	title: string;
	by: string;
	album?: string;
	tags?: string[];
	plays?: number;
	visibility?: TrackVisibility;
	isExplicit?: boolean;
	features?: string;
}

const GUEST = '[{"did":"did:plc:guest","handle":"guest.example","displayName":"Guesty"}]';

const SONGS: Song[] = [
	{ title: 'The Old Harbour', by: 'alice' },
	{ title: 'Leaving the Harbour', by: 'alice', album: 'Night Shift', plays: 20 },
	{ title: 'Harbor Song', by: 'alice', plays: 1000 },
	{ title: 'Harbour Lights', by: 'alice', plays: 3 },
	{ title: 'Harbour', by: 'bob' },
	{ title: 'Echo two', by: 'alice', plays: 17, tags: ['dub'], features: GUEST },
	{ title: 'Echo one', by: 'bob', plays: 90, tags: ['drum and bass'] },
	{ title: 'Echo three', by: 'bob', plays: 16 },
	{ title: 'Ace', by: 'motor', album: 'Overkill', isExplicit: true },
	{ title: 'Rock & Roll', by: 'motor', plays: 2 },
	{ title: 'Тихая ночь', by: 'bob' },
	{ title: 'Αθήνα', by: 'bob' },
	{ title: 'さくら', by: 'bob' },
	{ title: '東京タワー', by: 'bob' },
	{ title: 'שלום', by: 'bob' },
	{ title: 'Don’t Go', by: 'bob' },
	{
		title: 'Secret',
		by: 'alice',
		album: 'Hidden Album',
		tags: ['whispers'],
		visibility: 'unlisted'
	},
	{ title: 'Leaving Soon', by: 'bob', visibility: 'deleting' }
];

const PEOPLE = { alice: 'Beyoncé', bob: 'Bob', motor: 'Motörhead', marks: '!!!' };

/** A few tracks in several scripts, each a minute newer than the one before it. */
export class SmallCatalogue {
	readonly #db: Db;

	constructor(db: Db) {
		this.#db = db;
	}

	async fill(): Promise<void> {
		for (const [name, displayName] of Object.entries(PEOPLE)) {
			await this.#db
				.insertInto('artists')
				.values({ did: `did:plc:${name}`, handle: `${name}.test`, display_name: displayName })
				.execute();
		}
		for (const [index, song] of SONGS.entries()) await this.#add(song, index);
	}

	async #add(song: Song, index: number): Promise<void> {
		const fileId = await seedAudioFile(this.#db, song.title);
		const did = `did:plc:${song.by}`;
		await this.#db.transaction().execute(async (trx) => {
			const album =
				song.album === undefined
					? null
					: await trx
							.insertInto('albums')
							.values({ artist_did: did, slug: `album-${index}`, title: song.album })
							.returning('id')
							.executeTakeFirstOrThrow();
			const { id } = await trx
				.insertInto('tracks')
				.values({
					artist_did: did,
					rkey: `r${index}`,
					record_uri: `at://${did}/fm.plyr.track/r${index}`,
					record_cid: 'cid',
					title: song.title,
					features: song.features ?? '[]',
					album_id: album?.id ?? null,
					play_count: song.plays ?? 0,
					visibility: song.visibility ?? 'public',
					is_explicit: song.isExplicit ?? false,
					file_id: fileId,
					original_file_id: fileId,
					created_at: new Date(Date.UTC(2026, 0, 1, 0, index))
				})
				.returning('id')
				.executeTakeFirstOrThrow();
			for (const tag of song.tags ?? []) {
				await trx.insertInto('track_tags').values({ track_id: id, tag }).execute();
			}
		});
	}
}
