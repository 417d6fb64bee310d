import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { DatabaseAddress } from '#lib/server/db/connect.ts';

/** They are held open for so long, as pages and jobs do. */
const HELD_MS = 20;

/** What changes no value, and takes the locks of what does. */
const WRITES = [
	'update artists set display_name = display_name',
	'update tracks set title = title',
	'update uploads set message = message',
	"insert into oauth_states (state, ciphertext) values ('busy', '')",
	"delete from oauth_states where state = 'busy'"
];
const READS = ['artists', 'albums', 'tracks', 'uploads', 'sessions', 'images', 'audio_files'].map(
	(table) => `select count(*) from ${table}`
);
/** Between two transactions. */
const PAUSE_MS = 30;

/** Reads and writes tables in short transactions all the time, as the version does that serves meanwhile. */
export class BusyTables {
	/** how many transactions were carried out */
	transactions = 0;
	/** the longest that a statement took */
	longestMs = 0;
	readonly errors: string[] = [];
	readonly #sql: postgres.Sql;
	#isOver = false;
	#running: Promise<unknown> = Promise.resolve();

	constructor(address: Exclude<DatabaseAddress, string>) {
		this.#sql = postgres({ ...address, max: 2, onnotice: () => undefined });
	}

	start(): void {
		this.#running = Promise.all([this.#repeat(READS), this.#repeat(WRITES)]);
	}

	async stop(): Promise<void> {
		this.#isOver = true;
		await this.#running;
		await this.#sql.end({ timeout: 1 });
	}

	async #repeat(statements: readonly string[]): Promise<void> {
		while (!this.#isOver) {
			try {
				await this.#sql.begin(async (trx) => {
					for (const statement of statements) {
						const startedAt = performance.now();
						await trx.unsafe(statement);
						this.longestMs = Math.max(this.longestMs, performance.now() - startedAt);
					}
					await sleep(HELD_MS);
				});
				this.transactions += 1;
			} catch (cause) {
				this.errors.push(String(cause));
			}
			await sleep(PAUSE_MS);
		}
	}
}
