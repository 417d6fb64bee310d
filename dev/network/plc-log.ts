import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { existsSync } from 'node:fs';
import * as plc from '@did-plc/lib';
import { z } from 'zod';

export type PlcEntry = plc.IndexedOperation & { nullifies: string[] };

const savedEntry = z.object({
	did: z.string(),
	operation: plc.def.compatibleOpOrTombstone,
	createdAt: z.string(),
	nullifies: z.array(z.string())
});

/**
 * Every operation of a did:plc directory, oldest first, checked by the rules of the specification
 * (https://web.plc.directory/spec/v0.1/did-plc) and kept as one line of JSON each.
 */
export class PlcLog {
	readonly #entriesByDid = new Map<string, PlcEntry[]>();
	readonly #entries: PlcEntry[] = [];
	readonly #file: string;
	#lastWrite: Promise<void> = Promise.resolve();

	private constructor(file: string) {
		this.#file = file;
	}

	/** Reads the log of an earlier run, if there is one. */
	static async open(file: string): Promise<PlcLog> {
		const log = new PlcLog(file);
		for (const line of readWholeLines(file)) {
			const saved = savedEntry.parse(JSON.parse(line));
			log.#add(await entryOf(saved.did, saved.operation, saved.nullifies, saved.createdAt));
		}
		return log;
	}

	/** Accepts one signed operation or throws with the reason; one at a time. */
	append(did: string, operation: plc.OpOrTombstone): Promise<void> {
		const write = this.#lastWrite.then(() => this.#append(did, operation));
		this.#lastWrite = write.catch(() => undefined);
		return write;
	}

	/** All operations of a DID, also those a recovery has made void. */
	history(did: string): PlcEntry[] {
		return this.#entriesByDid.get(did) ?? [];
	}

	/** The operations of a DID that count. */
	valid(did: string): PlcEntry[] {
		return this.history(did).filter((entry) => !entry.nullified);
	}

	/** What the DID document says now; undefined for a DID that is unknown or given up. */
	current(did: string): plc.DocumentData | undefined {
		const last = this.valid(did).at(-1);
		return last && (plc.opToData(did, last.operation) ?? undefined);
	}

	dids(): string[] {
		return [...this.#entriesByDid.keys()];
	}

	/** Up to `count` operations of all DIDs made after a time. */
	since(after: Date | undefined, count: number): PlcEntry[] {
		return this.#entries.filter((entry) => !after || entry.createdAt > after).slice(0, count);
	}

	async #append(did: string, operation: plc.OpOrTombstone): Promise<void> {
		const { nullified } = await plc.assureValidNextOp(did, this.valid(did), operation);
		const nullifies = nullified.map(String);
		const createdAt = new Date().toISOString();
		const entry = await entryOf(did, operation, nullifies, createdAt);
		appendLine(this.#file, JSON.stringify({ did, operation, createdAt, nullifies }));
		this.#add(entry);
	}

	#add(entry: PlcEntry): void {
		const history = this.history(entry.did);
		for (const older of history) {
			if (entry.nullifies.includes(String(older.cid))) older.nullified = true;
		}
		this.#entriesByDid.set(entry.did, [...history, entry]);
		this.#entries.push(entry);
	}
}

async function entryOf(
	did: string,
	operation: plc.CompatibleOpOrTombstone,
	nullifies: string[],
	createdAt: string
): Promise<PlcEntry> {
	const { cid } = await plc.getLastOpWithCid([operation]);
	return { did, operation, cid, nullified: false, createdAt: new Date(createdAt), nullifies };
}

/** The last line may be half-written when the machine stopped: it was never acknowledged. */
function readWholeLines(file: string): string[] {
	if (!existsSync(file)) return [];
	const text = readFileSync(file, 'utf8');
	const whole = text.slice(0, text.lastIndexOf('\n') + 1);
	if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
	return whole.split('\n').filter(Boolean);
}

function appendLine(file: string, line: string): void {
	const descriptor = openSync(file, 'a');
	try {
		writeSync(descriptor, line + '\n');
		fsyncSync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}
