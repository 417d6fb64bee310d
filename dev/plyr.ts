import { runPlyr } from '../src/cli/run-plyr.ts';
import { processTerminal } from '../src/cli/terminal.ts';
import { localEnvironment } from './local-environment.ts';

// npm run plyr: the command line, for the site that npm start runs here or, with PUBLIC_URL, for that one.

const local = process.env['PUBLIC_URL']
	? {}
	: await localEnvironment(process.env['DATA_DIR'] || '.data');

const terminal = processTerminal({ ...local, ...process.env });

process.exitCode = await runPlyr(process.argv.slice(2), terminal);
