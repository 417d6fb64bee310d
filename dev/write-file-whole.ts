import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

/** Writes a file so that a reader, or a crash, sees the old text or the new one, never a part. */
export async function writeFileWhole(file: string, text: string, mode = 0o644): Promise<void> {
	const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
	await writeFile(draft, text, { mode, flush: true });
	await rename(draft, file);
}
