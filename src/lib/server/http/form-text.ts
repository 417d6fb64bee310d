/** Reads the texts of a form: '' for what is not there, or a file. */
export const formText =
	(form: FormData) =>
	(name: string): string => {
		const value = form.get(name);
		return typeof value === 'string' ? value.trim() : '';
	};
