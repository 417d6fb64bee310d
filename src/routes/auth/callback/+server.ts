import { completeSignIn } from '#lib/server/http/sign-in-flow.ts';
import type { RequestHandler } from './$types.js';

/** Where a PDS sends the browser back to. */
export const GET: RequestHandler = (event) => completeSignIn(event);
