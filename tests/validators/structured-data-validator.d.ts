/** What we use of it: it comes without types. */
declare module '@adobe/structured-data-validator' {
	export interface Issue {
		issueMessage: string;
		severity: 'ERROR' | 'WARNING';
		fieldNames: string[];
	}

	/** Knows what those who show search results ask for, beyond the vocabulary. */
	class Validator {
		/** @param found things by the type each has */
		validate(found: { jsonld: Record<string, unknown[]> }): Promise<Issue[]>;
	}

	export { Validator as default };
}
