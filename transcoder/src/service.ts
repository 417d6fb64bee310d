import type { ActiveWork } from './active-work.ts';
import type { Config } from './config.ts';
import type { ToolFinder } from './ffmpeg.ts';
import type { Limit } from './limit.ts';
import type { Log } from './log.ts';
import type { TempFolders } from './temp-folders.ts';

/** What every request needs, made once. */
export interface Service {
	config: Config;
	log: Log;
	tools: ToolFinder;
	limit: Limit;
	folders: TempFolders;
	active: ActiveWork;
}
