import { SAMPLE_RATE } from './dsp/sample-rate.ts';

const HEADER_BYTES = 44;
const CHANNELS = 2;
const SAMPLE_BYTES = 2;

/** A RIFF/WAVE file of 16-bit stereo PCM (Microsoft's "Multimedia Programming Interface", 1991). */
export function wavOf(samples: Int16Array): Buffer<ArrayBuffer> {
	const sizeBytes = samples.length * SAMPLE_BYTES;
	const file = Buffer.alloc(HEADER_BYTES + sizeBytes);
	file.write('RIFF', 0, 'ascii');
	file.writeUInt32LE(HEADER_BYTES - 8 + sizeBytes, 4);
	file.write('WAVEfmt ', 8, 'ascii');
	file.writeUInt32LE(16, 16);
	file.writeUInt16LE(1, 20);
	file.writeUInt16LE(CHANNELS, 22);
	file.writeUInt32LE(SAMPLE_RATE, 24);
	file.writeUInt32LE(SAMPLE_RATE * CHANNELS * SAMPLE_BYTES, 28);
	file.writeUInt16LE(CHANNELS * SAMPLE_BYTES, 32);
	file.writeUInt16LE(SAMPLE_BYTES * 8, 34);
	file.write('data', 36, 'ascii');
	file.writeUInt32LE(sizeBytes, 40);
	for (let index = 0; index < samples.length; index++) {
		file.writeInt16LE(samples[index] ?? 0, HEADER_BYTES + index * SAMPLE_BYTES);
	}
	return file;
}
