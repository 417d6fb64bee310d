import path from 'node:path';
import { createInterface } from 'node:readline';
import { startChild } from '../child.ts';
import type { Lifetime } from '../lifetime.ts';
import type { LocalAccount } from '../network/accounts.ts';
import { say, sayError, sayProgress } from '../say.ts';
import { PublishedSamples, SAMPLE_COUNT } from './published.ts';
import { sampleMessage } from './sample-messages.ts';

const STOP_LIMIT_MS = 3000;
/** Without a terminal to write in place, every so many tracks get a line. */
const LINE_EVERY_TRACKS = 5;

/**
 * On the first start, composes the sample catalogue and publishes it in a process of its own, which
 * gives its memory back when it is done. A start that was interrupted is continued. What goes wrong
 * is said and does not stop anything: the next start tries again.
 */
export async function publishSamples(
	lifetime: Lifetime,
	site: { url: string; dataDir: string; ffmpeg: string | undefined; accounts: LocalAccount[] }
): Promise<void> {
	const published = await PublishedSamples.open(site.dataDir);
	if (published.isComplete || lifetime.isEnding()) return;
	say(`composing and publishing the sample catalogue: ${SAMPLE_COUNT} pieces by three artists…`);
	const publisher = startChild([
		path.join(import.meta.dirname, '..', 'sample-catalogue.ts'),
		...['--stop-on-stdin-end', '--app', site.url, '--data-dir', site.dataDir],
		...site.accounts.flatMap(({ handle, password }) => ['--account', `${handle}=${password}`]),
		...(site.ffmpeg ? ['--ffmpeg', site.ffmpeg] : [])
	]);
	lifetime.onEnd(() => publisher.stop(STOP_LIMIT_MS));
	publisher.stderr.on('data', (chunk: Buffer) => sayError(chunk.toString().trimEnd()));
	let shown = 0;
	let nextLine = LINE_EVERY_TRACKS;
	createInterface({ input: publisher.stdout }).on('line', (line) => {
		const message = sampleMessage.parse(JSON.parse(line));
		if (message.event === 'problem') {
			sayError(`${message.reason}. the next start goes on with the rest`);
			return;
		}
		const { done, total, title } = message;
		// two artists may have finished at once
		if (done <= shown) return;
		shown = done;
		const isWorthALine = done >= nextLine || done === total;
		if (isWorthALine) nextLine = done + LINE_EVERY_TRACKS;
		sayProgress(`published ${done}/${total}: ${title}`, isWorthALine);
	});
	await publisher.exited;
}
