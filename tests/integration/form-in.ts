import assert from 'node:assert/strict';

/**
 * What a browser sends of a form when nothing is touched.
 * @param field one that only the wanted form of the page has
 */
export function formIn(page: string, field: string): FormData {
	const forms = [...page.matchAll(/<form\b[\s\S]*?<\/form>/g)].map(([html]) => html);
	const html = forms.find((one) => one.includes(`name="${field}"`));
	assert.ok(html !== undefined, `no form: ${page.slice(0, 500)}`);
	const form = new FormData();
	const read = (tag: string, name: string) =>
		unescapeHtml(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
	for (const [tag] of html.matchAll(/<input(?:"[^"]*"|[^">])*>/g)) {
		const name = read(tag, 'name');
		const type = read(tag, 'type');
		const isOff = /^(?:checkbox|radio)$/.test(type) && !/\schecked\b/.test(tag);
		if (name === '' || type === 'file' || isOff) continue;
		form.append(name, read(tag, 'value'));
	}
	for (const [, attributes = '', text = ''] of html.matchAll(
		/<textarea([^>]*)>([\s\S]*?)<\/textarea>/g
	)) {
		form.set(read(attributes, 'name'), unescapeHtml(text));
	}
	return form;
}

const ENTITIES: Record<string, string> = { quot: '"', lt: '<', gt: '>', amp: '&', '#39': "'" };
const unescapeHtml = (text: string) =>
	text.replace(/&(quot|lt|gt|amp|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
