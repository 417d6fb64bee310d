/** The command line of whoever runs the site: `plyr help` lists what it does. */
import { runPlyr } from './run-plyr.ts';
import { processTerminal } from './terminal.ts';

process.exitCode = await runPlyr(process.argv.slice(2), processTerminal(process.env));
