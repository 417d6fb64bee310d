import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UploadStage } from '#lib/server/db/schema.ts';
import type { TestDatabase } from '#lib/server/testing/test-database.ts';

/** The worker of a site as the built application runs it, which can be killed and started again. */
export class KillableWorker {
	readonly #env: Record<string, string>;
	readonly #port: number;
	#process: ChildProcess | undefined;
	/** resolves when the present process takes jobs */
	started: Promise<void> = Promise.resolve();

	/** @param port a free one: a worker listens, too, for those who ask how it is */
	constructor(env: Record<string, string>, port: number) {
		this.#env = env;
		this.#port = port;
	}

	start(): void {
		const child = spawn(process.execPath, ['src/server.ts'], {
			env: {
				...process.env,
				...this.#env,
				ROLES: 'worker,transcoder',
				APP_STOP_ON_STDIN_END: 'true',
				// it listens somewhere else, and is the same site
				PUBLIC_URL: `http://127.0.0.1:${this.#env['PORT']}`,
				PORT: String(this.#port)
			},
			stdio: ['pipe', 'pipe', 'inherit']
		});
		this.#process = child;
		this.started = new Promise<void>((resolve, reject) => {
			createInterface({ input: child.stdout }).on('line', (line) => {
				if (line.includes('"listening"')) resolve();
			});
			child.once('exit', () => reject(new Error('the worker ended before it had started')));
		});
		this.started.catch(() => undefined);
	}

	async kill(): Promise<void> {
		await this.#end('SIGKILL');
	}

	/** Asks it to stop. @returns the code it ends with */
	async stop(): Promise<number | null> {
		return await this.#end('SIGTERM');
	}

	async #end(signal: NodeJS.Signals): Promise<number | null> {
		const child = this.#process;
		if (!child || child.exitCode !== null || child.signalCode !== null) return null;
		const exited = once(child, 'exit');
		child.kill(signal);
		const [code] = (await exited) as [number | null];
		return code;
	}

	async restart(): Promise<void> {
		await this.kill();
		this.start();
	}
}

/** Makes whoever does something to a table wait, inside that transaction, while a test holds it. */
export async function addHold(
	{ sql }: TestDatabase,
	name: string,
	event: string,
	condition = 'true'
): Promise<() => Promise<() => Promise<void>>> {
	await sql
		.unsafe(
			`create function hold_${name}() returns trigger language plpgsql as $$
			begin
				perform pg_advisory_xact_lock_shared(hashtext('hold:${name}'));
				return coalesce(new, old);
			end $$;
			create trigger hold_${name} before ${event} for each row when (${condition})
				execute function hold_${name}()`
		)
		.simple();
	return async () => {
		const holder = await sql.reserve();
		await holder`select pg_advisory_lock(hashtext(${`hold:${name}`}))`;
		return async () => {
			await holder`select pg_advisory_unlock_all()`;
			holder.release();
		};
	};
}

/** As `addHold`, for whoever is about to say that an upload has reached a stage. */
export const addStageHold = (database: TestDatabase, stage: UploadStage, fileName?: string) =>
	addHold(
		database,
		stage,
		'update on uploads',
		`new.stage = '${stage}' and old.stage <> '${stage}'` +
			(fileName === undefined ? '' : ` and new.file_name = '${fileName}'`)
	);

/** Resolves when somebody waits at a hold. */
export async function waitForHeld({ sql }: TestDatabase): Promise<void> {
	for (let i = 0; i < 1_000; i++) {
		const [held] = await sql`
			select 1 from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and not granted`;
		if (held) return;
		await sleep(20);
	}
	throw new Error('nobody arrived at the hold');
}
