/**
 * What browsers are told with every answer, pages, files and refusals alike. The content security policy of
 * a page is made by SvelteKit with a nonce of its own (svelte.config.js).
 */

/** What an answer is, as far as a browser's rules depend on it. */
export interface AnswerFacts {
	/** of the request, without its query */
	path: string;
	/** '' when there is none */
	contentType: string;
	/** the policy the answer has already: a page's, with its nonce */
	policy: string | null;
	/** people reach the site over https */
	isSecure: boolean;
}

/** Nothing here needs any of them; a browser refuses them to whatever script got in. */
const FORBIDDEN = [
	...['accelerometer', 'browsing-topics', 'camera', 'display-capture', 'geolocation'],
	...['gyroscope', 'hid', 'idle-detection', 'local-fonts', 'magnetometer', 'microphone', 'midi'],
	...['payment', 'publickey-credentials-get', 'serial', 'usb', 'xr-spatial-tracking']
];
const PERMISSIONS = FORBIDDEN.map((feature) => `${feature}=()`).join(', ');

const CLOSED = "default-src 'none'; frame-ancestors 'none'";
/** A browser shows audio and pictures in a document of its own, which has to load and place them. */
const OF_MEDIA =
	"default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";
/** The worker's own: it asks for pages, scripts, and music that storage may serve from elsewhere. */
const OF_WORKER = "default-src 'none'; connect-src 'self' https:; frame-ancestors 'none'";

const MEDIA = /^(?:audio|image)\//;
/** Players, with the plays they report, audio and pictures: made to be shown by others. */
const FOR_OTHERS = /^\/(?:api\/audio|audio|images|og|embed|api\/tracks\/\d+\/play)(?:\/|$)/;
const WORKER = '/service-worker.js';

/** The headers of an answer, by their lower-case names. Those that it has already stay as they are. */
export function baseHeaders({ path, contentType, policy, isSecure }: AnswerFacts) {
	const isForOthers = FOR_OTHERS.test(path) || MEDIA.test(contentType);
	// an older header would overrule what the policy of a player says
	const isForFrames = /frame-ancestors \*/.test(policy ?? '');
	return {
		'x-content-type-options': 'nosniff',
		'referrer-policy': 'strict-origin-when-cross-origin',
		'permissions-policy': PERMISSIONS,
		'cross-origin-opener-policy': 'same-origin',
		'cross-origin-resource-policy': isForOthers ? 'cross-origin' : 'same-origin',
		...(isForFrames ? {} : { 'x-frame-options': 'DENY' }),
		...(isSecure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
		'content-security-policy': policy ?? policyOf(path, contentType)
	};
}

function policyOf(path: string, contentType: string): string {
	if (path === WORKER) return OF_WORKER;
	return MEDIA.test(contentType) ? OF_MEDIA : CLOSED;
}
