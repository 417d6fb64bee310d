import { jsonToLex } from '@atproto/lex-json';
import { InvalidRecord } from './invalid-record.ts';

/** A lexicon's record schema, as generated from lexicons/. */
interface RecordSchema<T> {
	$type: string;
	safeValidate(input: unknown): { success: true; value: T } | { success: false; reason: Error };
}

/**
 * Checks a record as it travels (JSON) against its lexicon.
 * @param collection the name the record carries as `$type`: in development and staging it is not
 *   that of the lexicon, which describes both
 * @returns the record with the lexicon's own `$type`
 * @throws InvalidRecord naming the field
 */
export function validateRecord<T>(schema: RecordSchema<T>, collection: string, record: unknown): T {
	if (typeof record !== 'object' || record === null || Array.isArray(record)) {
		throw new InvalidRecord('it is no object');
	}
	const { $type, ...fields }: Record<string, unknown> = { ...record };
	if ($type !== collection) throw new InvalidRecord(`$type is ${String($type)}, not ${collection}`);
	let input: unknown;
	try {
		// blobs and links have another form in JSON than in the lexicon's types
		input = jsonToLex({ ...fields, $type: schema.$type });
	} catch (cause) {
		throw new InvalidRecord(cause instanceof Error ? cause.message : String(cause), cause);
	}
	const result = schema.safeValidate(input);
	if (!result.success) throw new InvalidRecord(result.reason.message, result.reason);
	return result.value;
}
