import { z } from 'zod';

/** One environment variable: how it is parsed, what it is for, and a value that works. */
interface Variable<T extends z.ZodTypeAny> {
	schema: T;
	/** shown as the default in the documentation */
	default: string;
	/** unit or form of the value */
	unit: string;
	/** one sentence, lower case */
	what: string;
	example: string;
}

const variable = <T extends z.ZodTypeAny>(schema: T, about: Omit<Variable<T>, 'schema'>) => ({
	schema,
	...about
});

const text = () => z.string();

const wholeNumber = (min: number, max: number) =>
	z
		.string()
		.regex(/^\d+$/, 'is not a whole number')
		.transform(Number)
		.refine((n) => n >= min && n <= max, `is not between ${min} and ${max}`);

const flag = () =>
	z
		.enum(['true', 'false', '1', '0'], {
			errorMap: () => ({ message: 'is neither true nor false' })
		})
		.transform((v) => v === 'true' || v === '1');

const webUrl = () =>
	z
		.string()
		.refine(
			(v) => URL.canParse(v) && /^https?:$/.test(new URL(v).protocol),
			'is not an http(s) address'
		)
		.transform((v) => v.replace(/\/+$/, ''));

/** What the site tells every connection; the client would let an address have the last word. */
export const OWN_SETTINGS = [
	'statement_timeout',
	'enable_memoize',
	'idle_in_transaction_session_timeout'
] as const;

const postgresUrl = () =>
	z.string().superRefine((v, ctx) => {
		const refuse = (message: string) => ctx.addIssue({ code: 'custom', message });
		if (!/^postgres(ql)?:\/\//.test(v) || !URL.canParse(v)) {
			refuse('is not a postgres:// address');
			return;
		}
		const { searchParams } = new URL(v);
		const own = OWN_SETTINGS.find((name) => searchParams.has(name));
		if (own === undefined) return;
		const instead =
			own === 'statement_timeout' ? 'DATABASE_STATEMENT_TIMEOUT_SECONDS says it' : 'the site does';
		refuse(`sets ${own}: leave that out of the address, ${instead}`);
	});

const origin = () =>
	webUrl().refine(
		(v) => new URL(v).origin === v,
		'must be an origin: no path, no user, no trailing text'
	);

/** A page, or mail: `mailto:` is added. */
const contact = () =>
	z
		.string()
		.transform((v) => (/^[^\s@:/]+@[^\s@:/]+$/.test(v) ? `mailto:${v}` : v))
		.refine(
			(v) => URL.canParse(v) && /^(https?|mailto):$/.test(new URL(v).protocol),
			'is neither the address of a page nor of mail'
		);

const currency = () =>
	z
		.string()
		.transform((v) => v.toUpperCase())
		.refine((v) => Intl.supportedValuesOf('currency').includes(v), 'is no currency of iso 4217');

const price = () =>
	z
		.string()
		.regex(/^\d{1,9}(\.\d{1,9})?$/, 'is not an amount such as 7.50')
		.transform(Number);

const ratio = () =>
	z
		.string()
		.regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'is not between 0 and 1')
		.transform(Number);

/** https://opentelemetry.io/docs/specs/otel/protocol/exporter/: name=value,name=value, percent-encoded */
const headerList = () =>
	z.string().transform((v, issues) => {
		const headers = headersIn(v);
		if (headers) return headers;
		issues.addIssue({ code: 'custom', message: 'is not a list such as name=value,name=value' });
		return z.NEVER;
	});

function headersIn(list: string): Record<string, string> | null {
	const headers: Record<string, string> = {};
	for (const pair of list.split(',')) {
		const [, name, value] = /^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/.exec(pair) ?? [];
		if (name === undefined || value === undefined || /%(?![\da-f]{2})/i.test(value)) return null;
		headers[name] = decodeURIComponent(value);
	}
	return headers;
}

const nsid = () =>
	z
		.string()
		.regex(
			/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/,
			'is not a reversed domain name in lower case'
		);

const handle = () =>
	z
		.string()
		.transform((v) => v.replace(/^@/, '').toLowerCase())
		.refine((v) => /^([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(v), 'is not a handle');

const dids = () =>
	z
		.string()
		.transform((v) => v.split(',').map((did) => did.trim()))
		.refine(
			(list) => list.every((did) => /^did:(plc|web):[A-Za-z0-9._:%-]+$/.test(did)),
			'names something that is no did (several are separated by commas)'
		);

const keyList = () =>
	z
		.string()
		.transform((v) => v.split(',').map((k) => k.trim()))
		.refine(
			(keys) => keys.every((k) => Buffer.from(k, 'base64').length === 32),
			'is not 32 bytes in base64 (several are separated by commas, the first one encrypts)'
		);

/** EC keys with their private part: https://www.rfc-editor.org/rfc/rfc7518#section-6.2 */
const privateKeys = z
	.array(
		z.object({
			kty: z.literal('EC'),
			crv: z.literal('P-256'),
			x: z.string().min(1),
			y: z.string().min(1),
			d: z.string().min(1),
			kid: z.string().min(1)
		})
	)
	.min(1);

const jwks = () =>
	z.string().refine((v) => {
		try {
			return privateKeys.safeParse(JSON.parse(v)).success;
		} catch {
			return false;
		}
	}, 'is not a JSON array of private P-256 keys (JWK), each with a kid');

const roles = () =>
	z
		.string()
		.transform((v) => v.split(',').map((r) => r.trim()))
		.refine(
			(list) => list.every((r) => r === 'web' || r === 'worker' || r === 'transcoder'),
			'may name web, worker and transcoder, separated by commas'
		);

/**
 * Every variable the application reads. `.env.example` and docs/configuration.md name the same
 * ones; a test compares the three.
 */
export const variables = {
	NAME: variable(text().default('plyr.fm'), {
		default: 'plyr.fm',
		unit: 'text',
		what: 'public name of the site, also shown by a PDS when it asks for consent.',
		example: 'plyr.fm'
	}),
	TAGLINE: variable(text().default('music on atproto'), {
		default: 'music on atproto',
		unit: 'text',
		what: 'the line beside the name.',
		example: 'music on atproto'
	}),
	HOST: variable(text().default('127.0.0.1'), {
		default: '127.0.0.1',
		unit: 'address',
		what: 'address the server listens on; 0.0.0.0 for every interface.',
		example: '0.0.0.0'
	}),
	PORT: variable(wholeNumber(1, 65535).default('3000'), {
		default: '3000',
		unit: 'tcp port',
		what: 'port the server listens on.',
		example: '3000'
	}),
	TRUSTED_PROXY_COUNT: variable(wholeNumber(0, 10).optional(), {
		default: '1 when PUBLIC_URL is https, else 0',
		unit: 'proxies',
		what: 'proxies of yours before this server; of X-Forwarded-For only what they wrote is believed.',
		example: '1'
	}),
	PUBLIC_URL: variable(origin().optional(), {
		default: 'http://127.0.0.1:PORT',
		unit: 'origin',
		what: 'address under which people reach the site; https makes it a production site.',
		example: 'https://plyr.example.org'
	}),
	OPERATOR_NAME: variable(text().optional(), {
		default: 'unset',
		unit: 'text',
		what: 'who runs the site, as its pages about itself say it.',
		example: 'the harbour collective'
	}),
	OPERATOR_CONTACT: variable(contact().optional(), {
		default: 'unset',
		unit: 'address of a page, or of mail',
		what: 'where people reach whoever runs the site.',
		example: 'music@example.org'
	}),
	ADMIN_DIDS: variable(dids().optional(), {
		default: 'unset: nobody',
		unit: 'dids, separated by commas',
		what: 'who may open /admin: whoever else asks for it finds nothing there.',
		example: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'
	}),
	COST_CURRENCY: variable(currency().default('USD'), {
		default: 'USD',
		unit: 'iso 4217 code',
		what: 'the currency of the prices below.',
		example: 'EUR'
	}),
	COST_PER_MONTH: variable(price().optional(), {
		default: 'unset: not said',
		unit: 'amount a month',
		what: 'what running the server costs, whatever it stores; shown on /costs.',
		example: '7.50'
	}),
	COST_PER_GB_MONTH: variable(price().optional(), {
		default: 'unset: not said',
		unit: 'amount for 10^9 bytes a month',
		what: 'what keeping files costs; shown on /costs with what is kept.',
		example: '0.015'
	}),
	COST_PER_MILLION_READS: variable(price().optional(), {
		default: 'unset: not said',
		unit: 'amount for a million operations',
		what: 'what reading from the storage costs; told at /metrics as an estimate.',
		example: '0.36'
	}),
	COST_PER_MILLION_WRITES: variable(price().optional(), {
		default: 'unset: not said',
		unit: 'amount for a million operations',
		what: 'what writing to the storage costs; told at /metrics as an estimate.',
		example: '4.50'
	}),
	DATA_DIR: variable(text().default('.data'), {
		default: '.data',
		unit: 'folder',
		what: 'where the embedded database, the keys and stored files live.',
		example: '/var/lib/plyr'
	}),
	ROLES: variable(roles().default('web,worker,transcoder'), {
		default: 'web,worker,transcoder',
		unit: 'list',
		what: 'what runs here: the pages (web), the jobs (worker), and what converts audio (transcoder).',
		example: 'web,worker,transcoder'
	}),
	JOBS_AT_ONCE: variable(wholeNumber(1, 64).default('4'), {
		default: '4',
		unit: 'uploads',
		what: 'uploads a worker works on at the same time; one artist gets all but one of them, and three at most.',
		example: '8'
	}),
	RELEASE_WAIT_SECONDS: variable(wholeNumber(0, 3600).default('60'), {
		default: '60',
		unit: 'seconds',
		what: 'how long a release that is published waits for files of it that nobody sends any more.',
		example: '60'
	}),
	LOG_LEVEL: variable(
		z
			.enum(['debug', 'info', 'warn', 'error'], {
				errorMap: () => ({ message: 'is none of debug, info, warn, error' })
			})
			.default('info'),
		{
			default: 'info',
			unit: 'debug | info | warn | error',
			what: 'the least important log lines that are written.',
			example: 'info'
		}
	),
	METRICS_TOKEN: variable(
		text()
			.refine((v) => v.length >= 16, 'has fewer than 16 characters')
			.optional(),
		{
			default: 'unset: only this machine itself may read /metrics',
			unit: 'secret of 16 characters or more',
			what: 'what whoever reads /metrics sends as authorization: bearer.',
			example: 'a-long-secret-of-yours'
		}
	),
	OTEL_EXPORTER_OTLP_ENDPOINT: variable(webUrl().optional(), {
		default: 'unset: nothing is sent',
		unit: 'address',
		what: 'an opentelemetry collector that gets traces and numbers by otlp over http (json).',
		example: 'http://collector.internal:4318'
	}),
	OTEL_EXPORTER_OTLP_HEADERS: variable(headerList().optional(), {
		default: 'unset',
		unit: 'name=value, separated by commas',
		what: 'headers the collector asks for, such as a key.',
		example: 'authorization=a-long-secret'
	}),
	OTEL_SERVICE_NAME: variable(text().default('plyr.fm'), {
		default: 'plyr.fm',
		unit: 'text',
		what: 'what this process is called there.',
		example: 'plyr.fm-worker'
	}),
	OTEL_TRACES_SAMPLER_ARG: variable(ratio().default('1'), {
		default: '1',
		unit: '0 to 1',
		what: 'the part of the traces that is sent; one that was begun elsewhere is sent when it is there.',
		example: '0.1'
	}),
	OTEL_BSP_SCHEDULE_DELAY: variable(wholeNumber(10, 600000).default('5000'), {
		default: '5000',
		unit: 'milliseconds',
		what: 'how long spans are collected before they are sent.',
		example: '5000'
	}),
	OTEL_METRIC_EXPORT_INTERVAL: variable(wholeNumber(100, 3600000).default('60000'), {
		default: '60000',
		unit: 'milliseconds',
		what: 'how often numbers are sent.',
		example: '60000'
	}),
	DATABASE_URL: variable(postgresUrl().optional(), {
		default: 'unset: an embedded PostgreSQL under DATA_DIR',
		unit: 'postgres address',
		what: 'an external PostgreSQL (15 or later) to use instead of the embedded one.',
		example: 'postgres://plyr:secret@db.example.org:5432/plyr'
	}),
	DATABASE_POOLER: variable(
		z
			.enum(['none', 'transaction'], {
				errorMap: () => ({ message: 'is neither none nor transaction' })
			})
			.default('none'),
		{
			default: 'none',
			unit: 'none | transaction',
			what: 'what DATABASE_URL leads through: transaction for PgBouncer with that pool_mode, or Neon.',
			example: 'transaction'
		}
	),
	DATABASE_DIRECT_URL: variable(postgresUrl().optional(), {
		default: 'unset',
		unit: 'postgres address',
		what: 'the same database past the pooler, for locks, notifications, migrations and backups.',
		example: 'postgres://plyr:secret@db.example.org:5432/plyr'
	}),
	DATABASE_REPLICA_URL: variable(postgresUrl().optional(), {
		default: 'unset: everything is read from the database itself',
		unit: 'postgres address',
		what: 'a streaming replica that people who are not signed in read from, while it is near enough.',
		example: 'postgres://plyr:secret@replica.example.org:5432/plyr'
	}),
	DATABASE_REPLICA_LAG_SECONDS: variable(wholeNumber(1, 600).default('10'), {
		default: '10',
		unit: 'seconds',
		what: 'a replica that is further behind is not read from.',
		example: '10'
	}),
	DATABASE_POOL_SIZE: variable(wholeNumber(2, 100).default('10'), {
		default: '10',
		unit: 'connections',
		what: 'connections this process keeps for queries.',
		example: '10'
	}),
	DATABASE_STATEMENT_TIMEOUT_SECONDS: variable(wholeNumber(1, 600).default('10'), {
		default: '10',
		unit: 'seconds',
		what: 'a query that takes longer is cancelled.',
		example: '10'
	}),
	DATABASE_CONNECTION_TIMEOUT_SECONDS: variable(wholeNumber(1, 120).default('10'), {
		default: '10',
		unit: 'seconds',
		what: 'how long connecting may take; longer than a cold start of the database.',
		example: '10'
	}),
	STORAGE_BACKEND: variable(
		z
			.enum(['filesystem', 'r2', 's3'], {
				errorMap: () => ({ message: 'is none of filesystem, r2, s3' })
			})
			.default('filesystem'),
		{
			default: 'filesystem',
			unit: 'filesystem | r2 | s3',
			what: 'where audio and images are kept.',
			example: 'filesystem'
		}
	),
	STORAGE_DIR: variable(text().optional(), {
		default: 'DATA_DIR/storage',
		unit: 'folder',
		what: 'folder of the filesystem storage.',
		example: '/srv/plyr/audio'
	}),
	S3_BUCKET: variable(text().optional(), {
		default: 'unset',
		unit: 'name',
		what: 'bucket of the s3 or r2 storage.',
		example: 'plyr-audio'
	}),
	S3_ENDPOINT_URL: variable(webUrl().optional(), {
		default: 'unset: aws',
		unit: 'address',
		what: 'address of the s3 service; for r2 the one of the account.',
		example: 'https://account.r2.cloudflarestorage.com'
	}),
	S3_REGION: variable(text().default('auto'), {
		default: 'auto',
		unit: 'name',
		what: 'region of the bucket; auto for r2 and others with an address, never for aws.',
		example: 'eu-central-1'
	}),
	S3_FORCE_PATH_STYLE: variable(flag().default('false'), {
		default: 'false',
		unit: 'true | false',
		what: 'puts the bucket in the path instead of the host name; most self-hosted s3 servers need it.',
		example: 'true'
	}),
	S3_PUBLIC_URL: variable(webUrl().optional(), {
		default: 'unset: signed addresses',
		unit: 'address',
		what: 'public address of the bucket or of the cdn before it.',
		example: 'https://audio.plyr.example.org'
	}),
	S3_SIGNED_URL_SECONDS: variable(wholeNumber(60, 604800).default('3600'), {
		default: '3600',
		unit: 'seconds',
		what: 'how long a signed address stays valid, when the bucket is not public.',
		example: '3600'
	}),
	STORAGE_PRIVATE: variable(flag().default('false'), {
		default: 'false',
		unit: 'true | false',
		what: 'nothing of the bucket is read without a signature, and no shared cache keeps what was.',
		example: 'true'
	}),
	AWS_ACCESS_KEY_ID: variable(text().optional(), {
		default: 'unset',
		unit: 'key id',
		what: 'key of the s3 or r2 storage.',
		example: 'AKIAEXAMPLE'
	}),
	AWS_SECRET_ACCESS_KEY: variable(text().optional(), {
		default: 'unset',
		unit: 'secret',
		what: 'secret of that key.',
		example: 'a-long-secret'
	}),
	BACKUP_S3_ENDPOINT_URL: variable(webUrl().optional(), {
		default: 'S3_ENDPOINT_URL',
		unit: 'address',
		what: 'address of the s3 service that backups go to.',
		example: 'https://s3.eu-central-003.backblazeb2.com'
	}),
	BACKUP_S3_REGION: variable(text().optional(), {
		default: 'S3_REGION',
		unit: 'name',
		what: 'region of the bucket that backups go to.',
		example: 'eu-central-003'
	}),
	BACKUP_S3_FORCE_PATH_STYLE: variable(flag().optional(), {
		default: 'S3_FORCE_PATH_STYLE',
		unit: 'true | false',
		what: 'puts the bucket of backups in the path instead of the host name.',
		example: 'true'
	}),
	BACKUP_AWS_ACCESS_KEY_ID: variable(text().optional(), {
		default: 'AWS_ACCESS_KEY_ID',
		unit: 'key id',
		what: 'key of the s3 service that backups go to.',
		example: 'AKIAEXAMPLE'
	}),
	BACKUP_AWS_SECRET_ACCESS_KEY: variable(text().optional(), {
		default: 'AWS_SECRET_ACCESS_KEY',
		unit: 'secret',
		what: 'secret of that key.',
		example: 'a-long-secret'
	}),
	HANDLE_SEARCH_URL: variable(webUrl().optional(), {
		default: 'unset: only artists of this site are found',
		unit: 'address',
		what: 'a public service that finds people by what is typed (app.bsky.actor.searchActorsTypeahead).',
		example: 'https://public.api.bsky.app/xrpc/app.bsky.actor.searchActorsTypeahead'
	}),
	MAX_UPLOAD_SIZE_MB: variable(wholeNumber(1, 102400).default('1536'), {
		default: '1536',
		unit: 'mebibytes',
		what: 'largest audio file that is accepted.',
		example: '1536'
	}),
	UPLOADS_PER_HOUR: variable(wholeNumber(1, 100000).default('60'), {
		default: '60',
		unit: 'files',
		what: 'files an artist may send within an hour.',
		example: '60'
	}),
	UPLOAD_MB_PER_HOUR: variable(wholeNumber(1, 10485760).default('2048'), {
		default: '2048',
		unit: 'mebibytes',
		what: 'how much an artist may send within an hour; a single larger file fills the hour.',
		example: '2048'
	}),
	STORAGE_QUOTA_MB: variable(wholeNumber(0, 1073741824).default('0'), {
		default: '0',
		unit: 'mebibytes; 0 for no limit',
		what: 'how much an artist may keep here: tracks, their earlier versions, pictures and unfinished uploads.',
		example: '10240'
	}),
	TRANSCODER_URL: variable(webUrl().optional(), {
		default: 'unset: the one of ROLES',
		unit: 'address',
		what: 'a transcoder running elsewhere; workers without one of their own need it.',
		example: 'http://transcoder.internal:8080'
	}),
	TRANSCODER_AUTH_TOKEN: variable(text().optional(), {
		default: 'made at every start for the built-in one',
		unit: 'secret',
		what: 'the key a transcoder running elsewhere expects.',
		example: 'a-long-secret'
	}),
	TRANSCODER_TIMEOUT_SECONDS: variable(wholeNumber(10, 7200).default('1200'), {
		default: '1200',
		unit: 'seconds',
		what: 'how long one conversion or analysis may take.',
		example: '1200'
	}),
	FFMPEG_PATH: variable(text().optional(), {
		default: 'ffmpeg on the PATH',
		unit: 'file',
		what: 'the ffmpeg the built-in transcoder runs.',
		example: '/usr/bin/ffmpeg'
	}),
	ATPROTO_APP_NAMESPACE: variable(nsid().default('fm.plyr'), {
		default: 'fm.plyr',
		unit: 'nsid',
		what: 'prefix of the collections records are written to; fm.plyr.dev in development.',
		example: 'fm.plyr'
	}),
	ATPROTO_PLC_URL: variable(webUrl().default('https://plc.directory'), {
		default: 'https://plc.directory',
		unit: 'address',
		what: 'the did:plc directory.',
		example: 'https://plc.directory'
	}),
	ATPROTO_HANDLE_RESOLVER_URL: variable(webUrl().optional(), {
		default: 'unset: dns and https of the handle itself',
		unit: 'address',
		what: 'a service that resolves handles.',
		example: 'https://public.api.bsky.app'
	}),
	OAUTH_ENCRYPTION_KEY: variable(keyList().optional(), {
		default: 'made once and kept in DATA_DIR/keys with the embedded database',
		unit: '32 bytes in base64; several, separated by commas, while rotating',
		what: 'encrypts sign-in sessions at rest; the first key encrypts, all of them decrypt.',
		example: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA='
	}),
	OAUTH_CLIENT_KEYS: variable(jwks().optional(), {
		default: 'made once and kept in DATA_DIR/keys with the embedded database',
		unit: 'json array of private jwks',
		what: 'signs our requests to authorization servers; several while rotating, the first signs.',
		example: '[{"kty":"EC","crv":"P-256","kid":"2026-01","x":"…","y":"…","d":"…"}]'
	}),
	NOTIFY_ENABLED: variable(flag().default('false'), {
		default: 'false',
		unit: 'true | false',
		what: 'sends the operator a direct message on bluesky about every new track.',
		example: 'true'
	}),
	NOTIFY_RECIPIENT_HANDLE: variable(handle().optional(), {
		default: 'unset',
		unit: 'handle',
		what: 'who gets the message.',
		example: 'operator.example.org'
	}),
	NOTIFY_BOT_HANDLE: variable(handle().optional(), {
		default: 'unset',
		unit: 'handle',
		what: 'the account that sends it.',
		example: 'bot.example.org'
	}),
	NOTIFY_BOT_PASSWORD: variable(text().optional(), {
		default: 'unset',
		unit: 'secret',
		what: 'an app password of that account that may send direct messages.',
		example: 'abcd-efgh-ijkl-mnop'
	}),
	WEBHOOK_URL: variable(webUrl().optional(), {
		default: 'unset: none',
		unit: 'address',
		what: 'gets a signed POST for every new track, every upload that failed and every report.',
		example: 'https://hooks.example.org/plyr'
	}),
	WEBHOOK_SECRET: variable(
		text()
			.refine((v) => v.length >= 16, 'has fewer than 16 characters')
			.optional(),
		{
			default: 'unset',
			unit: 'secret of 16 characters or more',
			what: 'signs what is sent to WEBHOOK_URL.',
			example: 'a-long-secret-of-yours'
		}
	),
	DEV_ALLOW_INSECURE_NETWORK: variable(flag().default('false'), {
		default: 'false',
		unit: 'true | false',
		what: 'development switch: allows http and private addresses for PDS, PLC and handles.',
		example: 'false'
	}),
	APP_STOP_ON_STDIN_END: variable(flag().default('false'), {
		default: 'false',
		unit: 'true | false',
		what: 'stops the server when its standard input ends, so that it never outlives its starter.',
		example: 'false'
	})
} as const;

export type VariableName = keyof typeof variables;
