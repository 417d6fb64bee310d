/** An XML element; texts in it are written so that they stay texts, whatever they hold. */
export interface XmlElement {
	name: string;
	attributes: XmlAttributes;
	children: readonly XmlNode[];
}

type XmlNode = XmlElement | string | null;
type XmlAttributes = Record<string, string | number | null>;

/** @param attributes those that are null are left out, as are children that are null */
export const element = (
	name: string,
	attributes: XmlAttributes = {},
	...children: XmlNode[]
): XmlElement => ({ name, attributes, children });

/** An element that only holds a text. */
export const textElement = (name: string, text: string | number): XmlElement =>
	element(name, {}, String(text));

/** A whole document in UTF-8. */
export const xmlDocument = (root: XmlElement): string => `${XML_DECLARATION}${renderXml(root)}\n`;

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** One element and what is in it. */
export function renderXml({ name, attributes, children }: XmlElement): string {
	const said = Object.entries(attributes)
		.filter(([, value]) => value !== null)
		.map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
		.join('');
	const inside = children
		.filter((child) => child !== null)
		.map((child) => (typeof child === 'string' ? escapeXml(child) : renderXml(child)))
		.join('');
	return inside === '' ? `<${name}${said}/>` : `<${name}${said}>${inside}</${name}>`;
}

/** Characters XML 1.0 has no way to write (§2.2), not even as a reference. */
const FORBIDDEN = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const REFERENCES: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	// else read as line feeds, and in attributes as spaces
	'\r': '&#13;',
	'\n': '&#10;',
	'\t': '&#9;'
};

/** A text as it stands in a document, between tags or in an attribute; what cannot stand there is left out. */
export const escapeXml = (text: string): string =>
	text
		.toWellFormed()
		.replace(FORBIDDEN, '')
		.replace(/[&<>"'\r\n\t]/g, (character) => REFERENCES[character] ?? character);
