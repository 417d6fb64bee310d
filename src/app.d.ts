import type { Context } from '#lib/server/context.ts';
import type { LiveSession } from '#lib/server/auth/sessions.ts';
import type { Logger } from '#lib/server/log.ts';
import type { Viewer } from '#lib/auth/viewer.ts';

declare global {
	namespace App {
		interface Error {
			message: string;
			/** stable and snake_case, for programs */
			code?: string;
			/** of an unexpected error: the id under which it was logged */
			requestId?: string;
		}
		interface Locals {
			ctx: Context;
			/** when `ctx.db` may be a replica: the database itself */
			ownDb?: Context['db'] | undefined;
			/** who is signed in; null for everybody else */
			viewer: Viewer | null;
			/** by which they are */
			session: LiveSession | null;
			log: Logger;
			requestId: string;
		}
		interface PageData {
			viewer: Viewer | null;
		}
		interface PageState {
			/** the view of what is playing lies over the page */
			isNowPlayingOpen?: boolean;
			/** and so does the queue, on a phone */
			isQueueOpen?: boolean;
		}
		interface Platform {}
	}
}

export {};
