import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '#lib/server/testing/test-database.ts';

/** What has a site use a database of the test's own, which another server or the test itself uses as well. */
export const databaseEnvironment = ({ address: { host, user } }: TestDatabase) => ({
	DATABASE_URL: 'postgres:///postgres',
	PGHOST: host,
	PGUSER: user,
	// an external one needs a key that is given
	OAUTH_ENCRYPTION_KEY: randomBytes(32).toString('base64')
});
