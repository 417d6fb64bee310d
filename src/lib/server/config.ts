import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import type { LogLevel } from './log.ts';
import { environmentNamedBy, environmentOf, nameIn } from './config-environment.ts';
import { variables, type VariableName } from './config-variables.ts';

/** One wrong or missing variable. */
export interface ConfigProblem {
	variable: string;
	reason: string;
	example: string;
}

/** Stops the start; names every wrong variable at once. */
export class ConfigError extends Error {
	readonly problems: ConfigProblem[];

	constructor(problems: ConfigProblem[]) {
		const lines = problems.map(
			(p) => `  ${p.variable}: ${p.reason}. example: ${p.variable}=${p.example}`
		);
		super(`the configuration needs a change before plyr.fm can start:\n${lines.join('\n')}`);
		this.name = 'ConfigError';
		this.problems = problems;
	}
}

export interface S3StorageConfig {
	backend: 's3';
	bucket: string;
	endpoint?: string;
	region: string;
	accessKeyId: string;
	secretAccessKey: string;
	forcePathStyle: boolean;
	publicBaseUrl?: string;
	signedUrlSeconds: number;
	/** the bucket is nobody's without a signature: no cache that others share keeps what it gives */
	isPrivate: boolean;
}

export type StorageConfig = { backend: 'filesystem'; dir: string } | S3StorageConfig;

/** A collector that speaks OTLP/HTTP. */
export interface TelemetryConfig {
	/** without /v1/traces, without a trailing slash */
	endpoint: string;
	/** sent along, such as a key */
	headers: Record<string, string>;
	serviceName: string;
	/** 0 to 1: the part of the traces begun here that is sent */
	sampleRatio: number;
	/** how long spans are collected before they are sent */
	exportIntervalMs: number;
	metricIntervalMs: number;
}

/** Everything the application reads from its environment, parsed once at boot. */
export interface Config {
	appName: string;
	tagline: string;
	host: string;
	port: number;
	/** origin under which people reach the site, without a trailing slash */
	publicUrl: string;
	/** how many proxies of the operator's stand before this server */
	trustedProxyCount: number;
	/** true when `publicUrl` is https: Secure cookies, confidential OAuth client, no development switches */
	isSecure: boolean;
	/** who runs the site, and where they are reached; undefined: they do not say */
	operator: { name: string | undefined; contactUrl: string | undefined };
	/** who may open the pages of whoever runs the site */
	adminDids: ReadonlySet<string>;
	/** what the operator pays; undefined: they do not say */
	costs: {
		currency: string;
		perMonth: number | undefined;
		perGigabyteMonth: number | undefined;
		/** of operations of the storage */
		perMillionReads: number | undefined;
		perMillionWrites: number | undefined;
	};
	/** what whoever reads /metrics brings along; undefined: only this machine may */
	metricsToken: string | undefined;
	/** where traces and numbers are sent; undefined: nowhere */
	telemetry: TelemetryConfig | undefined;
	dataDir: string;
	roles: { web: boolean; worker: boolean; transcoder: boolean };
	logLevel: LogLevel;
	database: {
		/** undefined: the embedded PostgreSQL under `dataDir` */
		url: string | undefined;
		/** what `url` leads through: each transaction may get another session */
		pooler: 'none' | 'transaction';
		/** past the pooler; undefined without one */
		directUrl: string | undefined;
		/** a copy that is read from, no further behind than `replicaLagMs` */
		replicaUrl: string | undefined;
		replicaLagMs: number;
		poolSize: number;
		statementTimeoutMs: number;
		connectionTimeoutMs: number;
	};
	storage: StorageConfig;
	/** how a bucket for backups is reached; its name comes with the command */
	backup: Omit<S3StorageConfig, 'bucket'>;
	maxUploadBytes: number;
	/** finds people by what is typed; undefined: only artists of this site are found */
	handleSearchUrl: string | undefined;
	/** what one artist may do */
	limits: {
		uploadsPerHour: number;
		uploadBytesPerHour: number;
		/** 0: no limit */
		storageQuotaBytes: number;
	};
	/** uploads this process works on at the same time */
	jobsAtOnce: number;
	/** how long a release that has opened waits for those of its files that are still arriving */
	releaseWaitMs: number;
	/** how the operator hears of what happens; undefined: not that way */
	news: {
		directMessage: { recipientHandle: string; botHandle: string; botPassword: string } | undefined;
		webhook: { url: string; secret: string } | undefined;
	};
	transcoder: {
		/** undefined: we start our own */
		url: string | undefined;
		authToken: string | undefined;
		timeoutMs: number;
	};
	atproto: {
		namespace: string;
		trackCollection: string;
		likeCollection: string;
		listCollection: string;
		scope: string;
		plcUrl: string;
		/** asked for handles; undefined: DNS and https of the handle itself */
		handleResolverUrl: string | undefined;
	};
	/** given keys, base64 of 32 bytes each, the first encrypts; empty: made and kept beside the embedded data */
	oauthEncryptionKeys: string[];
	/** given private keys as JWKs, the first signs; empty: made and kept beside the embedded data */
	oauthClientKeys: string | undefined;
	/** http and private addresses are allowed for PDS, PLC and handles: a local network only */
	allowInsecureNetwork: boolean;
	stopOnStdinEnd: boolean;
}

const MEBIBYTE = 1024 * 1024;

type Environment = Record<string, string | undefined>;

/** @param name a host as URL parses it: numbers and IPv6 are in their shortest form there */
function isLocalHost(name: string): boolean {
	const hostname = name.replace(/\.$/, '').toLowerCase();
	if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
	if (/^127\.|^0\./.test(hostname)) return true;
	// ::, ::1, and 127.0.0.0/8 or 0.0.0.0 mapped into IPv6
	return /^\[::(1|ffff:(7f|0:)[0-9a-f]*(:[0-9a-f]+)?)?\]$/.test(hostname);
}

/**
 * Parses and checks the environment.
 * @throws ConfigError naming every variable that is wrong, why, and an example that works
 */
export function readConfig(env: Environment): Config {
	const problems: ConfigProblem[] = [];
	const raw = {} as { [K in VariableName]: z.infer<(typeof variables)[K]['schema']> };
	for (const [name, variable] of Object.entries(variables)) {
		const given = env[name]?.trim();
		const parsed = variable.schema.safeParse(given === '' ? undefined : given);
		if (parsed.success) Object.assign(raw, { [name]: parsed.data });
		else {
			const reason = parsed.error.issues[0]?.message ?? 'is not valid';
			problems.push({ variable: name, reason, example: variable.example });
		}
	}
	// what is wrong by itself stands in with its default, so that everything else is checked as well
	for (const { variable } of problems) {
		const standIn = variables[variable as VariableName].schema.safeParse(undefined);
		Object.assign(raw, { [variable]: standIn.data });
	}
	const config = assemble(raw);
	problems.push(
		...checkRoles(config),
		...checkDatabase(raw),
		...checkStorage(raw),
		...checkNews(raw),
		...checkProduction(raw, config),
		...checkMixture(raw),
		...checkSecrets(config)
	);
	if (problems.length > 0) throw new ConfigError(problems);
	return config;
}

type Raw = { [K in VariableName]: z.infer<(typeof variables)[K]['schema']> };

function assemble(raw: Raw): Config {
	const publicUrl = raw.PUBLIC_URL ?? `http://127.0.0.1:${raw.PORT}`;
	// this server speaks http: where people use https, a proxy stands before it
	const isSecure = publicUrl.startsWith('https:');
	const dataDir = path.resolve(raw.DATA_DIR);
	const namespace = raw.ATPROTO_APP_NAMESPACE;
	const trackCollection = `${namespace}.track`;
	const likeCollection = `${namespace}.like`;
	const listCollection = `${namespace}.list`;
	return {
		appName: raw.NAME,
		tagline: raw.TAGLINE,
		host: raw.HOST,
		port: raw.PORT,
		publicUrl,
		trustedProxyCount: raw.TRUSTED_PROXY_COUNT ?? (isSecure ? 1 : 0),
		isSecure,
		operator: { name: raw.OPERATOR_NAME, contactUrl: raw.OPERATOR_CONTACT },
		adminDids: new Set(raw.ADMIN_DIDS ?? []),
		costs: {
			currency: raw.COST_CURRENCY,
			perMonth: raw.COST_PER_MONTH,
			perGigabyteMonth: raw.COST_PER_GB_MONTH,
			perMillionReads: raw.COST_PER_MILLION_READS,
			perMillionWrites: raw.COST_PER_MILLION_WRITES
		},
		metricsToken: raw.METRICS_TOKEN,
		telemetry: telemetryConfig(raw),
		dataDir,
		roles: {
			web: raw.ROLES.includes('web'),
			worker: raw.ROLES.includes('worker'),
			transcoder: raw.ROLES.includes('transcoder')
		},
		logLevel: raw.LOG_LEVEL,
		database: {
			url: raw.DATABASE_URL,
			pooler: raw.DATABASE_POOLER,
			directUrl: raw.DATABASE_DIRECT_URL,
			replicaUrl: raw.DATABASE_REPLICA_URL,
			replicaLagMs: raw.DATABASE_REPLICA_LAG_SECONDS * 1000,
			poolSize: raw.DATABASE_POOL_SIZE,
			statementTimeoutMs: raw.DATABASE_STATEMENT_TIMEOUT_SECONDS * 1000,
			connectionTimeoutMs: raw.DATABASE_CONNECTION_TIMEOUT_SECONDS * 1000
		},
		storage: storageConfig(raw, dataDir),
		backup: backupConfig(raw),
		maxUploadBytes: raw.MAX_UPLOAD_SIZE_MB * MEBIBYTE,
		handleSearchUrl: raw.HANDLE_SEARCH_URL,
		limits: {
			uploadsPerHour: raw.UPLOADS_PER_HOUR,
			uploadBytesPerHour: raw.UPLOAD_MB_PER_HOUR * MEBIBYTE,
			storageQuotaBytes: raw.STORAGE_QUOTA_MB * MEBIBYTE
		},
		jobsAtOnce: raw.JOBS_AT_ONCE,
		releaseWaitMs: raw.RELEASE_WAIT_SECONDS * 1000,
		news: newsConfig(raw),
		transcoder: {
			url: raw.TRANSCODER_URL,
			authToken: raw.TRANSCODER_AUTH_TOKEN,
			timeoutMs: raw.TRANSCODER_TIMEOUT_SECONDS * 1000
		},
		atproto: {
			namespace,
			trackCollection,
			likeCollection,
			listCollection,
			scope: `atproto repo:${trackCollection} repo:${likeCollection} repo:${listCollection}`,
			plcUrl: raw.ATPROTO_PLC_URL,
			handleResolverUrl: raw.ATPROTO_HANDLE_RESOLVER_URL
		},
		oauthEncryptionKeys: raw.OAUTH_ENCRYPTION_KEY ?? [],
		oauthClientKeys: raw.OAUTH_CLIENT_KEYS,
		allowInsecureNetwork: raw.DEV_ALLOW_INSECURE_NETWORK,
		stopOnStdinEnd: raw.APP_STOP_ON_STDIN_END
	};
}

function storageConfig(raw: Raw, dataDir: string): StorageConfig {
	if (raw.STORAGE_BACKEND === 'filesystem') {
		return {
			backend: 'filesystem',
			dir: path.resolve(raw.STORAGE_DIR ?? path.join(dataDir, 'storage'))
		};
	}
	return {
		backend: 's3',
		bucket: raw.S3_BUCKET ?? '',
		endpoint: raw.S3_ENDPOINT_URL,
		region: raw.S3_REGION,
		accessKeyId: raw.AWS_ACCESS_KEY_ID ?? '',
		secretAccessKey: raw.AWS_SECRET_ACCESS_KEY ?? '',
		forcePathStyle: raw.S3_FORCE_PATH_STYLE,
		publicBaseUrl: raw.S3_PUBLIC_URL,
		signedUrlSeconds: raw.S3_SIGNED_URL_SECONDS,
		isPrivate: raw.STORAGE_PRIVATE
	};
}

/** What is not said of it is as for the storage: the same account, another bucket. */
function backupConfig(raw: Raw): Config['backup'] {
	return {
		backend: 's3',
		endpoint: raw.BACKUP_S3_ENDPOINT_URL ?? raw.S3_ENDPOINT_URL,
		region: raw.BACKUP_S3_REGION ?? raw.S3_REGION,
		accessKeyId: raw.BACKUP_AWS_ACCESS_KEY_ID ?? raw.AWS_ACCESS_KEY_ID ?? '',
		secretAccessKey: raw.BACKUP_AWS_SECRET_ACCESS_KEY ?? raw.AWS_SECRET_ACCESS_KEY ?? '',
		forcePathStyle: raw.BACKUP_S3_FORCE_PATH_STYLE ?? raw.S3_FORCE_PATH_STYLE,
		signedUrlSeconds: raw.S3_SIGNED_URL_SECONDS,
		isPrivate: true
	};
}

function telemetryConfig(raw: Raw): TelemetryConfig | undefined {
	const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = raw;
	if (endpoint === undefined) return undefined;
	return {
		endpoint,
		headers: raw.OTEL_EXPORTER_OTLP_HEADERS ?? {},
		serviceName: raw.OTEL_SERVICE_NAME,
		sampleRatio: raw.OTEL_TRACES_SAMPLER_ARG,
		exportIntervalMs: raw.OTEL_BSP_SCHEDULE_DELAY,
		metricIntervalMs: raw.OTEL_METRIC_EXPORT_INTERVAL
	};
}

function newsConfig(raw: Raw): Config['news'] {
	const { NOTIFY_RECIPIENT_HANDLE: recipientHandle, NOTIFY_BOT_HANDLE: botHandle } = raw;
	const { NOTIFY_BOT_PASSWORD: botPassword, WEBHOOK_URL: url, WEBHOOK_SECRET: secret } = raw;
	const isComplete = recipientHandle !== undefined && botHandle !== undefined && botPassword;
	return {
		directMessage:
			raw.NOTIFY_ENABLED && isComplete ? { recipientHandle, botHandle, botPassword } : undefined,
		webhook: url !== undefined && secret !== undefined ? { url, secret } : undefined
	};
}

const problem = (variable: VariableName, reason: string): ConfigProblem => ({
	variable,
	reason,
	example: variables[variable].example
});

function checkRoles({ roles, transcoder }: Config): ConfigProblem[] {
	if (!roles.web && !roles.worker) {
		const reason = 'has neither web nor worker: a transcoder alone is a program of its own';
		return [problem('ROLES', `${reason} (transcoder/README.md), which deploy/entrypoint starts`)];
	}
	if (!roles.worker || roles.transcoder || transcoder.url !== undefined) return [];
	return [problem('TRANSCODER_URL', 'is needed where ROLES has worker and no transcoder')];
}

/** Half of what a pooler needs would lose locks and notifications. */
function checkDatabase(raw: Raw): ConfigProblem[] {
	const isPooled = raw.DATABASE_POOLER !== 'none';
	const problems: ConfigProblem[] = [];
	if (isPooled && !raw.DATABASE_URL) {
		problems.push(problem('DATABASE_URL', 'is needed with a DATABASE_POOLER, which it leads to'));
	}
	if (isPooled && !raw.DATABASE_DIRECT_URL) {
		const reason = 'is needed with a DATABASE_POOLER: locks and notifications go past it';
		problems.push(problem('DATABASE_DIRECT_URL', reason));
	}
	if (!isPooled && raw.DATABASE_DIRECT_URL) {
		const reason = 'is none, and there is a DATABASE_DIRECT_URL: past which one?';
		problems.push(problem('DATABASE_POOLER', reason));
	}
	if (raw.DATABASE_REPLICA_URL && !raw.DATABASE_URL) {
		problems.push(problem('DATABASE_URL', 'is needed with a DATABASE_REPLICA_URL, its replica'));
	}
	return problems;
}

/** Aws makes the address of its service of the region, and has none of that name. */
export const isNowhere = (region: string, endpoint: string | undefined): boolean =>
	endpoint === undefined && region === 'auto';

const NO_SUCH_REGION =
	'is auto, which aws does not have: name the region of the bucket, or another service by S3_ENDPOINT_URL';

function checkStorage(raw: Raw): ConfigProblem[] {
	if (raw.STORAGE_BACKEND === 'filesystem') return [];
	const needed = ['S3_BUCKET', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
	const missing = needed
		.filter((name) => !raw[name])
		.map((name) => problem(name, `is needed when STORAGE_BACKEND is ${raw.STORAGE_BACKEND}`));
	if (raw.STORAGE_BACKEND === 'r2' && !raw.S3_ENDPOINT_URL) {
		missing.push(problem('S3_ENDPOINT_URL', 'is needed when STORAGE_BACKEND is r2'));
	}
	if (raw.STORAGE_BACKEND === 's3' && isNowhere(raw.S3_REGION, raw.S3_ENDPOINT_URL)) {
		missing.push(problem('S3_REGION', NO_SUCH_REGION));
	}
	if (raw.STORAGE_PRIVATE && raw.S3_PUBLIC_URL) {
		missing.push(
			problem('STORAGE_PRIVATE', 'is true, and S3_PUBLIC_URL gives everything away: leave that out')
		);
	}
	return missing;
}

/** Half of what a way to the operator needs is none, and nobody would notice. */
function checkNews(raw: Raw): ConfigProblem[] {
	const needed = [
		'NOTIFY_RECIPIENT_HANDLE',
		'NOTIFY_BOT_HANDLE',
		'NOTIFY_BOT_PASSWORD'
	] as const satisfies VariableName[];
	const problems = needed
		.filter((name) => raw.NOTIFY_ENABLED && !raw[name])
		.map((name) => problem(name, 'is needed when NOTIFY_ENABLED is true'));
	if (raw.WEBHOOK_URL && !raw.WEBHOOK_SECRET) {
		problems.push(problem('WEBHOOK_SECRET', 'is needed with a WEBHOOK_URL'));
	}
	return problems;
}

/** A site that people reach over https must not point anywhere local, nor run with development switches. */
function checkProduction(raw: Raw, config: Config): ConfigProblem[] {
	if (!config.isSecure) {
		// an authorization server takes a client without https only at the loopback address
		if (/^http:\/\/(127\.0\.0\.1|\[::1\])(:|$)/.test(config.publicUrl)) return [];
		return [
			problem('PUBLIC_URL', 'must be https, or http at 127.0.0.1 for a site nobody else reaches')
		];
	}
	const problems: ConfigProblem[] = [];
	const urls = [
		'PUBLIC_URL',
		'ATPROTO_PLC_URL',
		'ATPROTO_HANDLE_RESOLVER_URL',
		'S3_ENDPOINT_URL',
		'S3_PUBLIC_URL',
		'BACKUP_S3_ENDPOINT_URL',
		'HANDLE_SEARCH_URL',
		'WEBHOOK_URL'
	] as const;
	for (const name of urls) {
		const value = raw[name];
		if (!value) continue;
		if (isLocalHost(new URL(value).hostname)) {
			problems.push(problem(name, `is a local address (${value}), and PUBLIC_URL is https`));
		}
	}
	// a pooler is often on the machine of those it pools for
	const isPooler = (name: VariableName) =>
		name === 'DATABASE_URL' && raw.DATABASE_POOLER !== 'none';
	const services = [
		'TRANSCODER_URL',
		'DATABASE_URL',
		'DATABASE_DIRECT_URL',
		'DATABASE_REPLICA_URL'
	] as const;
	for (const name of services) {
		const value = raw[name];
		if (value && !isPooler(name) && isLocalHost(new URL(value).hostname)) {
			problems.push(
				problem(
					name,
					'is a local address, and PUBLIC_URL is https: leave it out to run the built-in one'
				)
			);
		}
	}
	if (config.allowInsecureNetwork) {
		problems.push(
			problem('DEV_ALLOW_INSECURE_NETWORK', 'is a development switch, and PUBLIC_URL is https')
		);
	}
	if (config.transcoder.url && !config.transcoder.authToken) {
		problems.push(problem('TRANSCODER_AUTH_TOKEN', 'is needed with a TRANSCODER_URL'));
	}
	return problems;
}

/**
 * Records of one environment in the files or the database of another cannot be taken apart again: what
 * names itself after another one than the namespace does is refused.
 */
function checkMixture(raw: Raw): ConfigProblem[] {
	const own = environmentOf(raw.ATPROTO_APP_NAMESPACE);
	const named = {
		S3_BUCKET: raw.S3_BUCKET,
		S3_PUBLIC_URL: raw.S3_PUBLIC_URL && nameIn(raw.S3_PUBLIC_URL),
		DATABASE_URL: raw.DATABASE_URL && nameIn(raw.DATABASE_URL),
		DATABASE_DIRECT_URL: raw.DATABASE_DIRECT_URL && nameIn(raw.DATABASE_DIRECT_URL),
		DATABASE_REPLICA_URL: raw.DATABASE_REPLICA_URL && nameIn(raw.DATABASE_REPLICA_URL),
		PUBLIC_URL: raw.PUBLIC_URL && nameIn(raw.PUBLIC_URL)
	} satisfies Partial<Record<VariableName, string | undefined>>;
	return Object.entries(named).flatMap(([name, text]) => {
		const other = environmentNamedBy(text ?? '');
		if (other === undefined || other === own) return [];
		const reason = `is named after ${other}, and ATPROTO_APP_NAMESPACE (${raw.ATPROTO_APP_NAMESPACE}) is that of ${own}`;
		return [problem(name as VariableName, reason)];
	});
}

/** With the embedded database the keys are made once and kept beside it; elsewhere they must be given. */
function checkSecrets(config: Config): ConfigProblem[] {
	if (config.database.url === undefined) return [];
	const problems: ConfigProblem[] = [];
	if (config.oauthEncryptionKeys.length === 0) {
		problems.push({
			variable: 'OAUTH_ENCRYPTION_KEY',
			reason: 'is needed with a DATABASE_URL: every process must read the same encrypted sessions',
			example: randomBytes(32).toString('base64')
		});
	}
	if (config.isSecure && config.oauthClientKeys === undefined) {
		problems.push(
			problem(
				'OAUTH_CLIENT_KEYS',
				'is needed with a DATABASE_URL when PUBLIC_URL is https: every process must sign with the same keys'
			)
		);
	}
	return problems;
}
