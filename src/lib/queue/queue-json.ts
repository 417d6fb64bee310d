import type { QueueItem, QueueSource, QueueState, Repeat, Stamped } from './queue-state.ts';
import type { QueueSnapshot } from './queue-sync.ts';

/** The queue as it travels and is stored. */
export interface QueueStateJson {
	items: QueueItemJson[];
	current: Stamped<string | null>;
	repeat: Stamped<Repeat>;
	source: Stamped<QueueSourceJson | null>;
}

interface QueueItemJson {
	id: string;
	track_id: number;
	rank: string;
	moved_at: number;
	former_rank?: string | undefined;
}

interface QueueSourceJson {
	label: string;
	href: string;
	track_ids: number[];
	next_index: number;
	former_track_ids?: number[] | undefined;
}

export interface QueueSnapshotJson {
	state: QueueStateJson;
	revision: number;
	recent_pushes: string[];
}

export const stateToJson = (queue: QueueState): QueueStateJson => ({
	items: queue.items.map(({ id, trackId, rank, movedAt, formerRank }) => ({
		...{ id, track_id: trackId, rank, moved_at: movedAt },
		...(formerRank === undefined ? {} : { former_rank: formerRank })
	})),
	current: queue.current,
	repeat: queue.repeat,
	source: { ...queue.source, value: queue.source.value && sourceToJson(queue.source.value) }
});

export const stateFromJson = (json: QueueStateJson): QueueState => ({
	items: json.items.map((item): QueueItem => ({
		...{ id: item.id, trackId: item.track_id, rank: item.rank, movedAt: item.moved_at },
		...(item.former_rank === undefined ? {} : { formerRank: item.former_rank })
	})),
	current: json.current,
	repeat: json.repeat,
	source: { ...json.source, value: json.source.value && sourceFromJson(json.source.value) }
});

export const snapshotFromJson = (json: QueueSnapshotJson): QueueSnapshot => ({
	state: stateFromJson(json.state),
	revision: json.revision,
	recentPushes: json.recent_pushes
});

export const snapshotToJson = (snapshot: QueueSnapshot): QueueSnapshotJson => ({
	state: stateToJson(snapshot.state),
	revision: snapshot.revision,
	recent_pushes: snapshot.recentPushes
});

const sourceToJson = (source: QueueSource): QueueSourceJson => ({
	...{ label: source.label, href: source.href },
	...{ track_ids: source.trackIds, next_index: source.nextIndex },
	...(source.formerTrackIds ? { former_track_ids: source.formerTrackIds } : {})
});

const sourceFromJson = (json: QueueSourceJson): QueueSource => ({
	...{ label: json.label, href: json.href },
	...{ trackIds: json.track_ids, nextIndex: json.next_index },
	...(json.former_track_ids ? { formerTrackIds: json.former_track_ids } : {})
});
