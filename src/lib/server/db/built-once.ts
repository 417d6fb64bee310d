import type { Compilable, CompiledQuery, RawBuilder } from 'kysely';
import type { Db } from './connect.ts';

/** Stands for a value while a query is built. */
class Place {
	readonly index: number;

	constructor(index: number) {
		this.index = index;
	}
}

/**
 * A query that is built and written once, and asked with other values each time: to build one that reads
 * a page takes longer than to send it and to read the answer.
 * @param build puts the values in as parameters, and must not look at them: it gets others in their place
 * @param count of the values, where `build` takes them as a list
 */
export function builtOnce<Values extends readonly unknown[], Row>(
	build: (db: Db, ...values: Values) => Compilable<Row> | RawBuilder<Row>,
	count = build.length - 1
): (db: Db, ...values: Values) => Promise<Row[]> {
	let built: CompiledQuery<Row> | undefined;
	return async (db, ...values) => {
		built ??= build(db, ...(placesFor(count) as unknown as Values)).compile(db);
		const parameters = built.parameters.map((one) =>
			one instanceof Place ? values[one.index] : one
		);
		return (await db.executeQuery<Row>({ ...built, parameters })).rows;
	};
}

const placesFor = (count: number) => Array.from({ length: count }, (_, index) => new Place(index));
