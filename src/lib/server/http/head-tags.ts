import type { RequestEvent, ServerLoadEvent } from '@sveltejs/kit';
import type { PageDescription } from '#lib/server/sharing/page-description.ts';
import { writeHeadTags } from '#lib/server/sharing/write-head-tags.ts';

/** By the locals of a request, which its hooks and its loads share. */
const descriptions = new WeakMap<App.Locals, PageDescription>();

/**
 * Says in a page's `load` what the page is, for those who show a link to it. It is written into the
 * head of whole documents only: neither a script nor what a script asks for carries it. The last one
 * of a request counts.
 */
export function describePage(
	{ locals }: Pick<ServerLoadEvent | RequestEvent, 'locals'>,
	description: PageDescription
): void {
	descriptions.set(locals, description);
}

/** What a page said about itself, as tags for its head; of every other page what holds for all of them. */
export function headTags({ locals }: Pick<RequestEvent, 'locals'>, head: string): string {
	const described = descriptions.get(locals) ?? null;
	return writeHeadTags(locals.ctx.config, described, titleIn(head));
}

/** The title of a document, as text. */
function titleIn(head: string): string {
	const title = /<title>([^<]*)<\/title>/.exec(head)?.[1] ?? '';
	return title.replaceAll('&lt;', '<').replaceAll('&amp;', '&').trim();
}
