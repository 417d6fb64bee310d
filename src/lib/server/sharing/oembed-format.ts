import { DomainError } from '#lib/server/errors.ts';
import { escapeMarkup } from '#lib/sharing/escape-markup.ts';
import type { OembedAnswer } from './oembed.ts';

/** An answer as a program asked for it. */
export interface OembedBody {
	contentType: string;
	body: string;
}

/**
 * Writes an answer as JSON, which it is without a format, or as XML (https://oembed.com, §2.3.4).
 * @throws DomainError 501 for another format
 */
export function formatOembed(format: string | null, answer: OembedAnswer): OembedBody {
	assertFormat(format);
	if (format === 'xml') return { contentType: 'text/xml; charset=utf-8', body: asXml(answer) };
	return { contentType: 'application/json', body: JSON.stringify(answer) };
}

/** @throws DomainError 501 for a format there is not */
export function assertFormat(format: string | null): void {
	if (format === null || format === '' || format === 'json' || format === 'xml') return;
	throw new DomainError(501, 'format_unknown', 'the format is json or xml');
}

function asXml(answer: OembedAnswer): string {
	const elements = Object.entries(answer).map(
		([name, value]) => `<${name}>${escapeMarkup(String(value))}</${name}>`
	);
	return `<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>${elements.join('')}</oembed>\n`;
}
