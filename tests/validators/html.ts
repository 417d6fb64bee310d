import { HtmlValidate } from 'html-validate';

/** What the standard says, of all that html-validate knows; how it is written is the compiler's. */
const validator = new HtmlValidate({
	extends: ['html-validate:standard', 'html-validate:a11y'],
	rules: {
		// prettier and svelte write documents: how they do is nobody's concern
		'no-trailing-whitespace': 'off',
		'void-style': 'off',
		'attribute-boolean-style': 'off',
		'attribute-empty-style': 'off',
		'attr-quotes': 'off',
		'doctype-style': 'off',
		'no-inline-style': 'error',
		'no-implicit-input-type': 'off',
		// Safari takes a list for none when its marks are hidden, unless it says that it is one
		'no-redundant-role': 'off',
		// a form of one field is sent by the enter key
		'wcag/h32': 'off',
		// as good, and some are made by a script
		'prefer-native-element': 'off',
		// what is long may be a person's word
		'long-title': 'off'
	}
});

/** What is wrong with a document as html; empty: nothing. @param name in front of each */
export async function htmlFaults(document: string, name: string): Promise<string[]> {
	const { results } = await validator.validateString(document);
	return results.flatMap(({ messages, source }) =>
		messages.map(({ line, column, message, ruleId, offset, size }) => {
			const around = source?.slice(Math.max(0, offset - 60), offset + size + 60);
			return `${name}: ${ruleId} at ${line}:${column}: ${message}\n\t${around ?? ''}`;
		})
	);
}
