import { type SharedPage, sharedName } from './shared-page.ts';

/**
 * Opens what there is in the browser for sharing, or copies the address where there is nothing.
 * @returns whether it was copied
 * @throws when it could not be
 */
export async function shareLink(page: SharedPage): Promise<boolean> {
	// not every browser has it
	const sheet = (navigator as Partial<Navigator>).share;
	if (!sheet) {
		await navigator.clipboard.writeText(page.url);
		return true;
	}
	try {
		await sheet.call(navigator, { title: sharedName(page), url: page.url });
	} catch (cause) {
		// they changed their mind
		if (!(cause instanceof DOMException && cause.name === 'AbortError')) throw cause;
	}
	return false;
}
