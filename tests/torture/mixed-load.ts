/**
 * Two processes of each role behind a proxy, on one database and one bucket; people listen, like, upload and
 * edit while one of the six is killed every few seconds. Afterwards everything that was answered is
 * looked for. Ends with 1 when anything was lost or more than one request of a thousand failed.
 *   npm run torture:mixed [-- --minutes 30 --seed 7 --proxy haproxy --logs FOLDER]
 */
import { parseArgs } from 'node:util';
import { Lifetime } from '../../dev/lifetime.ts';
import { ensureBuilt } from '../../dev/sources.ts';
import { ensureTestNeeds } from '../../dev/testing/test-needs.ts';
import { whyNoS3Server } from '../../dev/s3-server.ts';
import { PROXIES } from './mixed/proxy.ts';
import { runMixed } from './mixed/run-mixed.ts';
import { inWords, MOST_ERRORS } from './mixed/words.ts';

const { values: options } = parseArgs({
	options: {
		minutes: { type: 'string', default: '30' },
		seed: { type: 'string', default: String(Date.now() % 100_000) },
		proxy: { type: 'string', default: 'haproxy' },
		logs: { type: 'string' }
	}
});

const say = (text: string) => process.stdout.write(`${text}\n`);

const lifetime = new Lifetime();
await ensureTestNeeds(lifetime);
const reason = whyNoS3Server();
if (reason) throw new Error(reason);
await ensureBuilt(lifetime);
const { seed, minutes, logs: logDir } = options;
say(`seed ${seed}`);
const proxy = PROXIES.find((kind) => kind === options.proxy);
if (!proxy) throw new Error(`--proxy is one of ${PROXIES.join(', ')}`);
const loadMs = Number(minutes) * 60_000;
const report = await runMixed({ seed, loadMs, proxy, say, logDir });
for (const line of inWords(report)) say(line);
const isFine =
	report.violations.length === 0 && report.errors.length < report.requests * MOST_ERRORS;
process.exitCode = isFine ? 0 : 1;
