import type {
	BreadcrumbListLeaf,
	MusicAlbumLeaf,
	MusicGroupLeaf,
	MusicRecordingLeaf,
	WithContext
} from 'schema-dts';

/** What our pages say of themselves, as schema.org has it: nothing is needed there, and any text will do. */
export interface Vocabulary {
	MusicRecording: WithContext<MusicRecordingLeaf>;
	MusicAlbum: WithContext<MusicAlbumLeaf>;
	MusicGroup: WithContext<MusicGroupLeaf>;
	BreadcrumbList: WithContext<BreadcrumbListLeaf>;
}

type Address = `${'http' | 'https'}://${string}`;
type Length = `PT${number}S`;
type Moment = `${number}-${number}-${number}T${number}:${number}:${number}Z`;

/** What has a page of its own. */
interface Page {
	'@id': Address;
	url: Address;
	name: string;
}

interface Artist extends Page {
	'@type': 'MusicGroup';
	alternateName: `@${string}`;
	image?: Address;
}

interface Recording extends Page {
	'@type': 'MusicRecording';
	duration?: Length;
}

interface Counter {
	interactionType: { '@type': 'ListenAction' | 'LikeAction' };
	userInteractionCount: number;
}

/** What is always said, and in which form. */
export interface Needed {
	MusicRecording: Recording & {
		byArtist: Artist;
		datePublished: Moment;
		image?: Address;
		inAlbum?: { '@type': 'MusicAlbum'; name: string; url: Address };
		audio: { '@type': 'AudioObject'; contentUrl: Address; encodingFormat: `audio/${string}` };
		interactionStatistic: readonly Counter[];
	};
	MusicAlbum: Page & {
		byArtist: Artist;
		datePublished?: `${number}`;
		image?: Address;
		numTracks: number;
		track: readonly Recording[];
		interactionStatistic: readonly Counter[];
	};
	MusicGroup: Artist & { sameAs: readonly Address[] };
	BreadcrumbList: {
		itemListElement: readonly {
			'@type': 'ListItem';
			position: number;
			name: string;
			item: Address;
		}[];
	};
}
