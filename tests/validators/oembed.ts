import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const file = path.join(import.meta.dirname, '../schemas/oembed.json');
const validate = new Ajv2020({ allErrors: true }).compile(
	JSON.parse(readFileSync(file, 'utf8')) as object
);

/** An answer in JSON is what oEmbed 1.0 says. @throws AssertionError with everything that is not */
export function assertValidOembed(answer: unknown): void {
	validate(answer);
	assert.deepEqual(validate.errors ?? [], []);
}
