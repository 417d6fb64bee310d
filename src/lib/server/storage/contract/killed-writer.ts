import { createStorage } from '../create-storage.ts';
import { sampleBytes } from './sample-bytes.ts';

// begins a put and an append, says how far they are, and waits to be killed

async function* endless(onBytes: (sizeBytes: number) => void): AsyncGenerator<Uint8Array, void> {
	const bytes = sampleBytes(64 * 1024);
	for (let sizeBytes = 0; ; sizeBytes += bytes.byteLength) {
		onBytes(sizeBytes);
		yield await Promise.resolve(bytes);
	}
}

const [, , dir = ''] = process.argv;
const storage = await createStorage({ backend: 'filesystem', dir });
const say = (line: string) => process.stdout.write(`${line}\n`);
await Promise.all([
	storage.put(
		'audio/killed.mp3',
		endless((sizeBytes) => say(`put ${sizeBytes}`)),
		{
			contentType: 'audio/mpeg'
		}
	),
	storage.staging.append(
		'killed',
		0,
		endless((sizeBytes) => say(`append ${sizeBytes}`))
	)
]);
