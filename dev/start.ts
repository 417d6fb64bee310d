import { assertPortIsFree, wishedPort } from './app-port.ts';
import { ensureFfmpeg } from './ffmpeg.ts';
import { runTask, type Lifetime } from './lifetime.ts';
import { runLocalSite } from './local-site.ts';
import { runPublicSite } from './public-site.ts';
import { SERVER_COMMAND, serverEnvironment } from './server-command.ts';
import { ensureBuilt } from './sources.ts';

// npm start: the whole product on this machine, or, with PUBLIC_URL, the app for the real network.

async function start(lifetime: Lifetime): Promise<number | undefined> {
	if (!process.env['PUBLIC_URL']) {
		return runLocalSite(lifetime, {
			prepare: ensureBuilt,
			args: () => SERVER_COMMAND,
			env: serverEnvironment(process.env['DATA_DIR'] || '.data'),
			showsText: false
		});
	}
	const port = wishedPort();
	if (port === undefined) return runPublicSite(lifetime, undefined);
	await assertPortIsFree(port, process.env['HOST'] || '127.0.0.1');
	const [ffmpeg] = await Promise.all([ensureFfmpeg(lifetime), ensureBuilt(lifetime)]);
	return runPublicSite(lifetime, ffmpeg);
}

await runTask(start);
