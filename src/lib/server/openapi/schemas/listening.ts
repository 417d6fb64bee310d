import type { QueueResponse } from '#lib/server/queue/queue.ts';
import { playheadBody, queueBody } from '#lib/server/queue/queue-body.ts';
import type { PreferencesJson } from '#lib/preferences/preferences-json.ts';
import type { Playhead } from '#lib/server/db/schema.ts';
import {
	flag,
	integer,
	type JsonSchema,
	list,
	number,
	objectOf,
	oneOf,
	orNull,
	ref,
	schemaOf,
	text
} from '../schema.ts';

/** As it is sent, it is answered. */
export const queueState = schemaOf(queueBody.shape.state) satisfies JsonSchema;

export const playhead = objectOf<Playhead>({
	...(schemaOf(playheadBody)['properties'] as Record<Exclude<keyof Playhead, 'at'>, JsonSchema>),
	at: integer('milliseconds since 1970, by the clock of the server')
});

export const queue = objectOf<QueueResponse>({
	state: ref('QueueState'),
	revision: integer('the same as the etag'),
	recent_pushes: list(text(), 'the last first'),
	playhead: orNull(ref('Playhead')),
	now: integer('milliseconds since 1970, for devices whose clock is wrong')
});

export const preferences = objectOf<PreferencesJson>({
	accent_color: { type: 'string', pattern: '^#[0-9a-f]{6}$' },
	theme: text(),
	auto_advance: flag(),
	gapless: flag(),
	crossfade_seconds: number(),
	level_volume: text(),
	reduced_data: oneOf('auto', 'on', 'off'),
	show_explicit_artwork: flag('the artwork of explicit tracks is shown as it is, not blurred'),
	skip_explicit: flag('what comes next passes over explicit tracks')
});
