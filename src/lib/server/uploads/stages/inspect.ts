import type { AudioFacts, UploadFindings } from '#lib/server/db/schema.ts';
import { ACCEPTED_FORMATS, type AudioFormat, isStreamable } from '#lib/server/media/formats.ts';
import { sniffFile, type SniffedFile } from '#lib/server/media/sniff-file.ts';
import type { Analysis } from '#lib/server/media/transcoder-client.ts';
import { refuseDuplicate, refuseTwin } from '../duplicates.ts';
import { UploadRefused, UploadWaits } from '../failures.ts';
import type { UploadRow } from '../queries.ts';
import { analyseStaged, factsOf } from './analyse-staged.ts';
import { formatOfCodec, refuseBroken } from './judge-analysis.ts';
import { durationOfStaged, readStagedTags } from './read-staged-tags.ts';
import { advanceAlone, found, type StageWork } from './stage.ts';
import { hashStaged, stagedReader } from './staged-reader.ts';

/**
 * received → inspected: what the file is, by its content, and whether it can be published.
 * @throws UploadRefused for anything that is no whole audio file of an accepted kind, or known
 *   already; UploadWaits when only a transcoder could tell or use it
 */
export async function inspect(work: StageWork): Promise<UploadRow> {
	const { ctx, upload, signal } = work;
	const { staging } = ctx.storage;
	const sizeBytes = await staging.size(upload.id);
	if (sizeBytes === null || (upload.size_bytes !== null && sizeBytes !== upload.size_bytes)) {
		throw bytesLost();
	}
	const sha256 = upload.sha256 ?? (await hashStaged(staging, upload.id, signal));
	await refuseDuplicate(ctx, upload, sha256);
	await refuseTwin(ctx, upload, sha256);

	const sniffed = await sniffFile(stagedReader(staging, upload.id, signal), sizeBytes);
	if (sniffed.kind === 'other') throw unsupported(sniffed.what);
	const analysis = await analyseStaged(work, { id: upload.id, sizeBytes });
	const file = { sizeBytes, format: sniffed.format, analysis };
	const findings = analysis ? judge(sniffed, analysis) : judgeUnheard(sniffed);
	findings.original.durationMs ??= await durationOfStaged(work, file);
	const said = await readStagedTags(work, file);
	return await advanceAlone(work, 'inspected', {
		sha256,
		size_bytes: sizeBytes,
		received_bytes: sizeBytes,
		findings: { ...findings, ...said, interruptions: upload.findings.interruptions },
		message: findings.streamable ? 'storing your file' : 'making a version every browser plays'
	});
}

type Audio = Extract<SniffedFile, { kind: 'audio' }>;
/** What the inspection finds in the bytes themselves. */
type Judged = UploadFindings & { original: AudioFacts };

/** What a file that was decoded from beginning to end is. */
function judge(sniffed: Audio, analysis: Analysis): Judged {
	refuseBroken(analysis);
	const format = formatOfCodec(sniffed.format, analysis.codec);
	if (!format) {
		throw unsupported(`a file that begins like ${sniffed.format} and holds ${analysis.codec}`);
	}
	return {
		format,
		streamable: isStreamable(format, analysis.codec),
		original: factsOf(analysis)
	};
}

/** Nobody could decode it: a browser will. What no browser plays waits. */
function judgeUnheard({ format, codec }: Audio): Judged {
	if (!isStreamable(format, codec)) throw needsTranscoder(format);
	return { format, streamable: true, original: { ...UNHEARD, codec } };
}

const UNHEARD: AudioFacts = {
	codec: null,
	sampleRateHz: null,
	channels: null,
	bitRateBps: null,
	durationMs: null,
	loudnessLufs: null,
	truePeakDbtp: null,
	peaks: null
};

const unsupported = (what: string) =>
	new UploadRefused(
		'unsupported_audio',
		`this is ${what}, not audio we can publish. supported: ${ACCEPTED_FORMATS}`
	);

const bytesLost = () =>
	new UploadRefused('bytes_lost', 'the file of this upload is gone. send it once more');

export const needsTranscoder = (format: AudioFormat) =>
	new UploadWaits(
		'needs_transcoder',
		`needs a transcoder: browsers do not play ${format}, and this site has no converter right now. your file is kept and goes on by itself`
	);

/** The size the inspection took down. */
export const sizeOf = ({ size_bytes: sizeBytes }: UploadRow) => found('size', sizeBytes);
