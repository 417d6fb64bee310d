import { byteSize } from '#lib/format.ts';
import type { LeftOut } from './choose-files.ts';

/** The reason this file cannot be sent, if there is one that shows before a byte is. */
export function refuse(file: File, maxBytes: number): LeftOut[] {
	if (file.size === 0) return [{ name: file.name, why: 'is empty' }];
	if (file.size <= maxBytes) return [];
	const why = `has ${byteSize(file.size)}; at most ${byteSize(maxBytes)} fit`;
	return [{ name: file.name, why }];
}
