/** Pages of whoever runs the site, in the order of their links. */
export const ADMIN_PAGES = [
	{ path: '/admin', label: 'overview' },
	{ path: '/admin/reports', label: 'reports' },
	{ path: '/admin/takedowns', label: 'taken down' },
	{ path: '/admin/jobs', label: 'jobs' },
	{ path: '/admin/uploads', label: 'uploads' },
	{ path: '/admin/log', label: 'log' }
] as const;

/** How many jobs of a queue there are in each state. */
export interface QueueCounts {
	queue: string;
	ready: number;
	deferred: number;
	active: number;
	failed: number;
}

/** A job as its page shows it. Times are iso 8601. */
export interface ShownJob {
	id: string;
	/** what it is about: ids */
	about: string;
	retries: number;
	createdAt: string;
	/** when it is tried next */
	startAfter: string;
	problem: string | null;
}

/** An upload as whoever runs the site sees it: no file, and nothing of what it is about. */
export interface SeenUpload {
	id: string;
	artistDid: string;
	handle: string | null;
	status: string;
	stage: string;
	message: string;
	errorCode: string | null;
	error: string | null;
	sizeBytes: number | null;
	createdAt: string;
	updatedAt: string;
}
