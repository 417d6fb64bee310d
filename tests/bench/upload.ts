/**
 * What receiving costs: memory of the application above idle, and megabytes per second beside a
 * bare Node server that writes what it gets to the same disk. Ends with 1 when a bound is missed.
 *   npm run bench:upload [-- --mib 1024 --only form --node-flag=--trace-gc]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BenchApp, startBenchApp } from './bench-app.ts';
import { cpuSeconds, residentMib, watchPeak } from './process-facts.ts';
import { Recording } from './recording.ts';
import { type Destination, sendBare, sendByForm, sendByTus } from './send-recording.ts';

const MIB = 1024 * 1024;
const MAX_ABOVE_IDLE_MIB = 80;
const MIN_RATIO = 0.4;
/** What the site's own form sends at once. */
const FORM_PART_BYTES = 32 * MIB;
const SETTLE_MS = 3_000;

const { values: options } = parseArgs({
	options: {
		mib: { type: 'string', default: '1024' },
		only: { type: 'string', default: '' },
		'node-flag': { type: 'string', multiple: true, default: [] }
	}
});

type Send = (to: Destination, recording: Recording, title: string) => Promise<string>;

interface Scenario {
	name: string;
	sizes: number[];
	send: (index: number) => Send;
}

const large = Number(options.mib) * MIB;
const inParts: Send = (to, recording, title) => sendByTus(to, recording, title, FORM_PART_BYTES);
const SCENARIOS: Scenario[] = [
	{ name: `${options.mib} MiB by tus, in one part`, sizes: [large], send: () => sendByTus },
	{ name: `${options.mib} MiB by tus, 32 MiB parts`, sizes: [large], send: () => inParts },
	{ name: `${options.mib} MiB by form`, sizes: [large], send: () => sendByForm },
	{
		name: '8 × 100 MiB at once, mixed',
		sizes: Array<number>(8).fill(100 * MIB),
		send: (index) => (index % 2 === 0 ? sendByForm : inParts)
	}
];

/** How fast bytes went, and what they cost the process that took them. */
interface Pace {
	mbPerSecond: number;
	cpuSecondsPerGb: number;
}

interface Measured {
	name: string;
	app: Pace;
	/** a bare sink, before and after */
	sink: Pace;
	/** highest while the bytes arrived, and from then until the tracks were published */
	receivingMib: number;
	publishingMib: number;
}

let seed = 0;
const recordingsFor = ({ sizes }: Scenario) => sizes.map((size) => new Recording(size, seed++));

/** The pace of sending everything at once. */
async function timed(
	pid: number,
	recordings: Recording[],
	send: (recording: Recording, index: number) => Promise<unknown>
): Promise<Pace> {
	const [startedAt, cpuBefore] = [performance.now(), cpuSeconds(pid)];
	await Promise.all(recordings.map(send));
	const seconds = (performance.now() - startedAt) / 1000;
	const megabytes = recordings.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / 1e6;
	return {
		mbPerSecond: megabytes / seconds,
		cpuSecondsPerGb: (cpuSeconds(pid) - cpuBefore) / (megabytes / 1000)
	};
}

const meanPace = (one: Pace, other: Pace): Pace => ({
	mbPerSecond: (one.mbPerSecond + other.mbPerSecond) / 2,
	cpuSecondsPerGb: (one.cpuSecondsPerGb + other.cpuSecondsPerGb) / 2
});

async function measure(app: BenchApp, scenario: Scenario, idleMib: number): Promise<Measured> {
	const recordings = recordingsFor(scenario);
	const sink = await app.startSink();
	const toSink = () =>
		timed(sink.pid, recordings, (recording) => sendBare(sink.destination, recording));
	const sinkBefore = await toSink();
	await sleep(SETTLE_MS);

	const receivingPeak = watchPeak(app.pid);
	const ids: string[] = [];
	const pace = await timed(app.pid, recordings, async (recording, index) => {
		const send = scenario.send(index);
		ids[index] = await send(app.destination, recording, `${scenario.name} ${index}`);
	});
	const receivingMib = receivingPeak() - idleMib;
	const publishingPeak = watchPeak(app.pid);
	for (const [index, recording] of recordings.entries()) {
		const fileId = await app.published(ids[index] ?? '');
		if (fileId !== recording.fileId()) throw new Error('other bytes were published');
	}
	const publishingMib = publishingPeak() - idleMib;
	await sleep(SETTLE_MS);

	const sinkPace = meanPace(sinkBefore, await toSink());
	await sink.stop();
	return { name: scenario.name, app: pace, sink: sinkPace, receivingMib, publishingMib };
}

const ratioOf = ({ app, sink }: Measured) => app.mbPerSecond / sink.mbPerSecond;

function print(results: Measured[], idleMib: number): void {
	const rows = results.map((result) => ({
		scenario: result.name,
		'MB/s': Math.round(result.app.mbPerSecond),
		'bare sink MB/s': Math.round(result.sink.mbPerSecond),
		ratio: Number(ratioOf(result).toFixed(2)),
		'cpu s/GB': Number(result.app.cpuSecondsPerGb.toFixed(1)),
		'bare sink cpu s/GB': Number(result.sink.cpuSecondsPerGb.toFixed(1)),
		'receiving, MiB above idle': Number(result.receivingMib.toFixed(1)),
		'publishing, MiB above idle': Number(result.publishingMib.toFixed(1))
	}));
	process.stdout.write(`the application idle: ${idleMib.toFixed(1)} MiB\n`);
	console.table(rows);
}

const missed = (result: Measured): string[] => [
	...(ratioOf(result) < MIN_RATIO ? [`${result.name}: ratio below ${MIN_RATIO}`] : []),
	...(Math.max(result.receivingMib, result.publishingMib) > MAX_ABOVE_IDLE_MIB
		? [`${result.name}: more than ${MAX_ABOVE_IDLE_MIB} MiB above idle`]
		: [])
];

const app = await startBenchApp(options['node-flag'], {
	// the limits are not what is measured
	UPLOADS_PER_HOUR: '10000',
	UPLOAD_MB_PER_HOUR: '1000000'
});
try {
	// a server that has published before: what is loaded at first use is no cost of this upload
	await app.published(await sendByForm(app.destination, new Recording(4 * MIB, seed++), 'first'));
	await sleep(2 * SETTLE_MS);
	const idleMib = residentMib(app.pid);
	const results: Measured[] = [];
	for (const scenario of SCENARIOS.filter(({ name }) => name.includes(options.only))) {
		process.stderr.write(`${scenario.name}: the sink, the application, the sink again…\n`);
		results.push(await measure(app, scenario, idleMib));
	}
	print(results, idleMib);
	const failures = results.flatMap(missed);
	for (const failure of failures) process.stdout.write(`missed: ${failure}\n`);
	process.exitCode = failures.length === 0 ? 0 : 1;
} finally {
	await app.stop();
}
