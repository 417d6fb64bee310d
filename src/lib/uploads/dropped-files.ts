/** A file as it was dropped or chosen. */
export interface FoundFile {
	file: File;
	/** where it was in what was dropped: "low water/cd 1/03 tide.flac"; a bare name for a loose file */
	path: string;
}

export interface Found {
	files: FoundFile[];
	/** paths that could not be read */
	unreadable: string[];
	/** there was more than anybody publishes at once; the rest was not looked at */
	isCut: boolean;
}

/** More is no album but a hard disk dropped by accident. */
const MAX_FILES = 2_000;
const MAX_DEPTH = 12;

/** What systems leave in folders, and no artist ever meant to drop. */
const LEFT_BY_SYSTEMS = new Set(['thumbs.db', 'desktop.ini', '__macosx']);

const isHidden = (name: string) => name.startsWith('.') || LEFT_BY_SYSTEMS.has(name.toLowerCase());

/**
 * The entries of a drop. They exist only while the event is handled: call it before anything is
 * awaited. Browsers without entries give plain files, which come without their folders.
 */
export function takeEntries(transfer: DataTransfer): {
	entries: FileSystemEntry[];
	loose: FoundFile[];
} {
	const items = [...transfer.items].filter(({ kind }) => kind === 'file');
	const entries = items.map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
	if (entries.length > 0) return { entries, loose: [] };
	return { entries: [], loose: [...transfer.files].map((file) => ({ file, path: file.name })) };
}

/** All files below the entries, folders read to the end, hidden ones left out; sorted as people count. */
export async function walkEntries(entries: FileSystemEntry[]): Promise<Found> {
	const found: Found = { files: [], unreadable: [], isCut: false };
	for (const entry of entries) await walk(entry, 0, found);
	found.files = inNaturalOrder(found.files);
	return found;
}

async function walk(entry: FileSystemEntry, depth: number, found: Found): Promise<void> {
	if (isHidden(entry.name)) return;
	if (found.files.length >= MAX_FILES || depth > MAX_DEPTH) {
		found.isCut = true;
		return;
	}
	const path = entry.fullPath.replace(/^\/+/, '');
	try {
		if (isDirectory(entry)) {
			for (const child of await readFolder(entry)) await walk(child, depth + 1, found);
		} else if (isFile(entry)) {
			found.files.push({ file: await readFile(entry), path });
		}
	} catch {
		found.unreadable.push(path);
	}
}

const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry =>
	entry.isDirectory;
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

const readFile = (entry: FileSystemFileEntry) =>
	new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A reader gives a hundred at a time; none is the end. */
async function readFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
	const reader = folder.createReader();
	const all: FileSystemEntry[] = [];
	for (;;) {
		const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
			reader.readEntries(resolve, reject)
		);
		if (some.length === 0) return all;
		all.push(...some);
	}
}

/** The files of a chooser, the hidden ones of a chosen folder left out; sorted as people count. */
export function takeChosen(files: Iterable<File>): Found {
	const all = [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
	const shown = all.filter(({ path }) => !path.split('/').some(isHidden));
	return {
		files: inNaturalOrder(shown.slice(0, MAX_FILES)),
		unreadable: [],
		isCut: shown.length > MAX_FILES
	};
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** "2 b" before "10 a", folder by folder. */
export function inNaturalOrder(files: FoundFile[]): FoundFile[] {
	const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);
	return files.toSorted(
		(a, b) =>
			COLLATOR.compare(folderOf(a.path), folderOf(b.path)) || COLLATOR.compare(a.path, b.path)
	);
}
