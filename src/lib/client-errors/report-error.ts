import { page } from '$app/state';
import { Reporter } from './reporter.ts';

/** Tells the server of errors; loaded only when there is one. */
export const reporter = new Reporter({
	userAgent: navigator.userAgent,
	route: () => page.route.id ?? '',
	random: () => Math.random(),
	send: (report) =>
		// nobody waits for it, and nothing follows when it does not arrive
		void fetch('/api/client-errors', {
			method: 'POST',
			keepalive: true,
			credentials: 'omit',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(report)
		}).catch(() => undefined)
});
