import type { Config } from '#lib/server/config.ts';
import type { Operator } from '#lib/site/operator.ts';

/** Who runs the site, as far as they say. */
export const operatorOf = ({ operator }: Config): Operator => ({
	name: operator.name ?? null,
	contactUrl: operator.contactUrl ?? null
});
