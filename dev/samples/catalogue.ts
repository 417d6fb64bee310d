import type { CoverName } from '../artwork/cover.ts';
import type { Piece } from '../music/piece.ts';
import { emptyTram } from '../music/pieces/empty-tram.ts';
import { glassRain } from '../music/pieces/glass-rain.ts';
import { harbourLights } from '../music/pieces/harbour-lights.ts';
import { lastBus } from '../music/pieces/last-bus.ts';
import { lighthouseLullaby } from '../music/pieces/lighthouse-lullaby.ts';
import { longHallway } from '../music/pieces/long-hallway.ts';
import { lowTide } from '../music/pieces/low-tide.ts';
import { marimbaWeather } from '../music/pieces/marimba-weather.ts';
import { orchardGate } from '../music/pieces/orchard-gate.ts';
import { paperBoats } from '../music/pieces/paper-boats.ts';
import { quietMachinery } from '../music/pieces/quiet-machinery.ts';
import { savePoint } from '../music/pieces/save-point.ts';
import { sevenLanterns } from '../music/pieces/seven-lanterns.ts';
import { sodiumLights } from '../music/pieces/sodium-lights.ts';

/** In which form a track is uploaded, where an encoder is there; else all are wav. */
export type SampleFormat = 'wav' | 'flac' | 'mp3';

export type SampleTrack = {
	title: string;
	description: string;
	piece: Piece;
	format: SampleFormat;
};

/** An album, or a single when it has no title of its own. */
export type SampleRelease = { album?: string; cover: CoverName; tracks: SampleTrack[] };

export type SampleArtist = {
	/** of the account on the local network that publishes the music */
	handle: string;
	displayName: string;
	bio: string;
	releases: SampleRelease[];
};

const track = (
	title: string,
	format: SampleFormat,
	piece: Piece,
	description: string
): SampleTrack => ({ title, format, piece, description });

const tidewaterRooms: SampleRelease = {
	album: 'tidewater rooms',
	cover: 'tide',
	tracks: [
		track('low tide, first light', 'flac', lowTide, 'slow chords over a distant sea.'),
		track('glass rain', 'mp3', glassRain, 'broken chords, falling.'),
		track('seven lanterns', 'wav', sevenLanterns, 'seven beats in a bar, lit one by one.'),
		track('the long hallway', 'flac', longHallway, 'a drone to walk through. use headphones.'),
		track('harbour lights', 'mp3', harbourLights, 'an electric piano after closing time.')
	]
};

const kitchenTableMaps: SampleRelease = {
	album: 'kitchen table maps',
	cover: 'contours',
	tracks: [
		track('paper boats', 'wav', paperBoats, 'two guitars: one walks, the other sings.'),
		track('waltz for an empty tram', 'mp3', emptyTram, 'for music box and a tired accordion.'),
		track('the orchard gate', 'flac', orchardGate, 'a jig at walking pace.'),
		track('marimba weather', 'mp3', marimbaWeather, 'four mallets, four lengths.')
	]
};

const single = (cover: CoverName, only: SampleTrack): SampleRelease => ({ cover, tracks: [only] });

/** Who publishes what on a fresh local network, in the order of publication. */
export const SAMPLE_ARTISTS: SampleArtist[] = [
	{
		handle: 'alice.test',
		displayName: 'amber lattice',
		bio: 'slow music for rooms near water.',
		releases: [
			tidewaterRooms,
			single(
				'beam',
				track('lullaby for a lighthouse', 'flac', lighthouseLullaby, 'a music box that runs down.')
			)
		]
	},
	{
		handle: 'bob.test',
		displayName: 'tin orchard',
		bio: 'strings, reeds and a table to put them on.',
		releases: [kitchenTableMaps]
	},
	{
		handle: 'carol.test',
		displayName: 'night bus radio',
		bio: 'beats for the way home.',
		releases: [
			single('windows', track('last bus, window seat', 'mp3', lastBus, 'rain, a slow beat.')),
			single('gears', track('quiet machinery', 'flac', quietMachinery, 'a factory, from outside.')),
			single('pixels', track('save point', 'wav', savePoint, 'nothing can happen to you here.')),
			single('lamps', track('sodium lights', 'mp3', sodiumLights, 'late, and the road is empty.'))
		]
	}
];
