import { Interrupted, type Terminal } from './command.ts';

/**
 * Does something that takes long, until it is done or somebody wants it to end: then it cleans up after
 * itself. Who asks a second time does not wait for that.
 * @throws Interrupted
 */
export async function interruptible<T>(
	{ signal: given, showProgress }: Terminal,
	action: (signal: AbortSignal) => Promise<T>
): Promise<T> {
	const controller = new AbortController();
	const stop = (name: NodeJS.Signals) => controller.abort(new Interrupted(name));
	if (!given) {
		process.once('SIGINT', stop);
		process.once('SIGTERM', stop);
	}
	const signal = given ?? controller.signal;
	try {
		return await action(signal);
	} catch (cause) {
		if (signal.reason instanceof Interrupted) throw signal.reason;
		throw cause;
	} finally {
		showProgress?.('');
		process.removeListener('SIGINT', stop);
		process.removeListener('SIGTERM', stop);
	}
}
