/** The command line of whoever runs the site: `plyr help` lists what it does. */
import { runPlyr } from './run-plyr.ts';

process.exitCode = await runPlyr(process.argv.slice(2), {
	env: process.env,
	say: (line) => process.stdout.write(`${line}\n`)
});
