import { cleanText } from './clean-text.ts';
import type { ErrorReport } from './error-report.ts';

/** The parts of the browser this needs; a test brings its own. */
export interface ReporterEnvironment {
	userAgent: string;
	/** of the page that is shown, without what is in its address */
	route(): string;
	/** 0 to 1 */
	random(): number;
	send(report: ErrorReport): void;
}

/** A recording that is tried again and again fails each time. */
const MOST_PLAYBACK_REPORTS = 20;
/** Nobody can be told, and it is the line that is at fault. */
const NO_LINE = new Set(['offline', 'unanswered']);
/** One page that goes wrong again and again tells nothing new. */
const MOST_REPORTS = 5;
/** The first is always told; of those that follow from it, some. */
const PART_OF_LATER = 0.25;

/** Tells the server what went wrong in this page: each thing once, a few of them, nothing of whose it is. */
export class Reporter {
	readonly #seen = new Set<string>();
	#sent = 0;
	#playbacks = 0;
	readonly #environment: ReporterEnvironment;

	constructor(environment: ReporterEnvironment) {
		this.#environment = environment;
	}

	/** @param cause whatever was thrown */
	report(kind: Exclude<ErrorReport['kind'], 'playback'>, cause: unknown): void {
		const error = { kind, ...factsOf(cause) };
		const key = JSON.stringify(error);
		if (this.#seen.has(key)) return;
		this.#seen.add(key);
		if (this.#sent >= MOST_REPORTS) return;
		if (this.#sent > 0 && this.#environment.random() >= PART_OF_LATER) return;
		this.#sent += 1;
		this.#send(error);
	}

	/** Each time a recording does not play. @param reason as the player calls it */
	reportPlayback(reason: string): void {
		if (NO_LINE.has(reason) || this.#playbacks >= MOST_PLAYBACK_REPORTS) return;
		this.#playbacks += 1;
		this.#send({ kind: 'playback', name: reason, message: '', place: '' });
	}

	#send(error: Omit<ErrorReport, 'route' | 'browser'>): void {
		const environment = this.#environment;
		const browser = browserOf(environment.userAgent);
		environment.send({ ...error, route: environment.route(), browser });
	}
}

function factsOf(cause: unknown): Pick<ErrorReport, 'name' | 'message' | 'place'> {
	if (!(cause instanceof Error)) {
		const message = typeof cause === 'string' ? cleanText(cause) : '';
		return { name: typeof cause, message, place: '' };
	}
	const [place = ''] = /\/_app\/[\w./-]+\.js:\d+:\d+/.exec(cause.stack ?? '') ?? [];
	return { name: cause.name.slice(0, 40), message: cleanText(cause.message), place };
}

/** No more than the family: versions and systems together may well be one person. */
function browserOf(userAgent: string): ErrorReport['browser'] {
	if (/firefox|fxios/i.test(userAgent)) return 'firefox';
	if (/edg/i.test(userAgent)) return 'edge';
	if (/chrome|chromium|crios/i.test(userAgent)) return 'chrome';
	return /safari/i.test(userAgent) ? 'safari' : 'other';
}
