import { bodyLimit } from '#lib/server/http/body-limit.ts';
import { canonicalHost } from '#lib/server/http/canonical-host.ts';
import { compressText } from '#lib/server/http/compress-text.ts';
import { inTurn } from '#lib/server/http/in-turn.ts';
import { jsonUnderApi } from '#lib/server/http/json-under-api.ts';
import { openReading } from '#lib/server/http/open-reading.ts';
import { originCheck } from '#lib/server/http/origin-check.ts';
import { ownHead } from '#lib/server/http/own-head.ts';
import { personalPages } from '#lib/server/http/personal-pages.ts';
import { publicReads } from '#lib/server/http/public-reads.ts';
import { rateLimit } from '#lib/server/http/rate-limit.ts';
import { requestId } from '#lib/server/http/request-id.ts';
import { revalidateReads } from '#lib/server/http/revalidate-reads.ts';
import { session } from '#lib/server/http/session.ts';
import { unreadBody } from '#lib/server/http/unread-body.ts';

export { handleError } from '#lib/server/http/handle-error.ts';
export { init } from '#lib/server/http/lifecycle.ts';

export const handle = inTurn(
	unreadBody,
	requestId,
	personalPages,
	canonicalHost,
	compressText,
	openReading,
	revalidateReads,
	jsonUnderApi,
	originCheck,
	session,
	ownHead,
	rateLimit,
	publicReads,
	bodyLimit
);
