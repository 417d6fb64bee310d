import path from 'node:path';
import { parseArgs } from 'node:util';
import { SAMPLE_ARTISTS } from './samples/catalogue.ts';
import { Encoder } from './samples/encoder.ts';
import { publishArtist } from './samples/publish.ts';
import { PublishedSamples, SAMPLE_COUNT } from './samples/published.ts';
import type { SampleMessage } from './samples/sample-messages.ts';

// Makes the sample catalogue and publishes it on a running app, as real people would: it signs in
// through the PDS and uploads through the public API. It goes on where it was interrupted.
//   node dev/sample-catalogue.ts --app URL --data-dir DIR --account HANDLE=PASSWORD… [--ffmpeg FILE]
//        [--stop-on-stdin-end]

const { values: options } = parseArgs({
	options: {
		app: { type: 'string', default: 'http://127.0.0.1:3000' },
		'data-dir': { type: 'string', default: '.data' },
		account: { type: 'string', multiple: true, default: [] },
		ffmpeg: { type: 'string' },
		'stop-on-stdin-end': { type: 'boolean', default: false }
	}
});

const say = (message: SampleMessage) => process.stdout.write(JSON.stringify(message) + '\n');

async function publishAll(): Promise<void> {
	const published = await PublishedSamples.open(path.resolve(options['data-dir']));
	const encoder = await Encoder.start(options.ffmpeg);
	const passwords = new Map(
		options.account.map((account) => {
			const [handle = '', password = ''] = account.split('=');
			return [handle, password];
		})
	);
	const progress = (title: string) =>
		say({ event: 'progress', done: published.doneCount, total: SAMPLE_COUNT, title });
	const publication = { app: options.app, passwords, published, encoder, onDone: progress };
	// the artists at the same time; what one of them cannot do does not stop the others
	const results = await Promise.allSettled(
		SAMPLE_ARTISTS.map((artist) => publishArtist(artist, publication))
	);
	await encoder.stop();
	for (const result of results) {
		if (result.status === 'rejected') say({ event: 'problem', reason: String(result.reason) });
	}
}

// nothing has to be put in order: whatever is under way is taken up by the next start
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
if (options['stop-on-stdin-end']) process.stdin.on('end', () => process.exit(0)).resume();
await publishAll();
process.exit(0);
