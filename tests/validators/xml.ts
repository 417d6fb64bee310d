import { spawn } from 'node:child_process';
import path from 'node:path';

/** libxml2's own program, of Debian's package libxml2-utils. */
const XMLLINT = 'xmllint';

/** What a document has to look like: a schema beside this file's folder, written from its specification. */
export type XmlSchema = 'rss' | 'atom' | 'sitemap' | 'sitemap-index' | 'oembed';

/**
 * A document is well-formed XML 1.0 and valid, as libxml2 judges it.
 * @throws Error with everything xmllint says otherwise
 */
export async function assertValidXml(document: string, schema: XmlSchema): Promise<void> {
	const file = path.join(import.meta.dirname, '../schemas', `${schema}.rng`);
	const lint = spawn(XMLLINT, ['--nonet', '--noout', '--relaxng', file, '-']);
	let said = '';
	lint.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
	lint.stdin.end(document);
	const code = await new Promise<number | null>((resolve, reject) => {
		lint.once('error', reject);
		lint.once('close', resolve);
	});
	if (code !== 0) throw new Error(`not valid as ${schema}:\n${said}\n${document.slice(0, 500)}`);
}

/** The texts an XPath expression finds, as libxml2 reads the document; namespaces by local-name(). */
export async function xpathTexts(document: string, expression: string): Promise<string> {
	const lint = spawn(XMLLINT, ['--nonet', '--xpath', expression, '-']);
	let said = '';
	lint.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
	lint.stdin.end(document);
	await new Promise((resolve, reject) => {
		lint.once('error', reject);
		lint.once('close', resolve);
	});
	return said.replace(/\n$/, '');
}
