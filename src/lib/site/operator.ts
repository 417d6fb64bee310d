/** Who runs the site, as far as they say. */
export interface Operator {
	name: string | null;
	/** http, https or mailto */
	contactUrl: string | null;
}
