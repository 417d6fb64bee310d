import type { Readable } from 'node:stream';
import { once } from 'node:events';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { DomainError, invalid } from '#lib/server/errors.ts';
import { bodyChunks } from './body.ts';

/** A file in a form, while it arrives. */
export interface FormFile {
	/** of the field */
	name: string;
	/** as sent; undefined when the part has none */
	fileName: string | undefined;
	/** must be read to its end, or the form does not go on */
	bytes: Readable;
}

/** What a form may consist of besides its files; a form of ours needs a tenth of it. */
const LIMITS = {
	parts: 24,
	fields: 20,
	files: 4,
	/** longer than any field that fits, in bytes */
	fieldSize: 16 * 1024,
	headerPairs: 20,
	headerSize: 8 * 1024
};

/** The parts whose content is a file, whether or not it has a name. */
const FILE_FIELDS = new Set(['file', 'image']);

/**
 * Reads a multipart form (RFC 7578) while it arrives; nothing of a file is kept here. Returns
 * when every part is read and every file is dealt with.
 * @param takeField may throw to refuse the form
 * @param takeFile reads the file; the rest of the form waits for it
 * @throws DomainError 400 `not_a_form`, `malformed_form`, `incomplete_form`, `too_many_fields` or
 * `field_too_large`, and whatever the takers and `bodyChunks` throw: the first failure of all
 */
export async function readForm(
	request: Request,
	takeField: (name: string, value: string) => void,
	takeFile: (file: FormFile) => Promise<void>
): Promise<void> {
	const parser = openParser(request.headers.get('content-type') ?? '');
	const files = new Map<Readable, Promise<void>>();
	const failure = new AbortController();
	const fail = (cause: unknown) => {
		if (failure.signal.aborted) return;
		failure.abort(cause);
		for (const bytes of files.keys()) bytes.destroy(asError(cause));
		parser.destroy();
	};
	parser.on('field', (name, value, _nameCut, valueCut) => {
		if (valueCut) {
			fail(invalid('field_too_large', `the field ${quote(name)} is too long`));
			return;
		}
		try {
			takeField(name, value);
		} catch (cause) {
			fail(cause);
		}
	});
	parser.on('file', (name, bytes, fileName: string | undefined) => {
		// the taker tells what went wrong; this is for when it listens no more
		bytes.on('error', () => undefined);
		// a field of this chunk was refused, and the parser goes on with the rest of it
		if (failure.signal.aborted) {
			bytes.destroy();
			return;
		}
		files.set(bytes, takeFile({ name, fileName, bytes }).catch(fail));
	});
	for (const limit of ['partsLimit', 'fieldsLimit', 'filesLimit'] as const) {
		parser.on(limit, () => fail(tooManyFields()));
	}
	parser.on('error', (cause: Error) => fail(malformed(cause)));
	await pump(bodyChunks(request.body, failure.signal), parser, failure.signal).catch(fail);
	await Promise.all(files.values());
	failure.signal.throwIfAborted();
}

/** Hands the chunks to the parser one by one, each when the one before has been taken in. */
async function pump(
	chunks: AsyncIterable<Uint8Array>,
	parser: BusboyInstance,
	signal: AbortSignal
): Promise<void> {
	for await (const chunk of chunks) {
		signal.throwIfAborted();
		if (!parser.write(chunk)) await once(parser, 'drain', { signal });
	}
	const finished = once(parser, 'finish', { signal });
	parser.end();
	await finished;
}

function openParser(contentType: string): BusboyInstance {
	if (!/^multipart\/form-data\s*;/i.test(contentType)) {
		throw invalid('not_a_form', 'send the file as multipart/form-data, in a field named file');
	}
	try {
		return new Busboy({
			headers: { 'content-type': contentType },
			limits: LIMITS,
			isPartAFile: (name, _type, fileName) => fileName !== undefined || FILE_FIELDS.has(name ?? '')
		});
	} catch (cause) {
		throw malformed(cause);
	}
}

function malformed(cause: unknown): DomainError {
	if (cause instanceof DomainError) return cause;
	if (cause instanceof Error && cause.message.includes('Unexpected end')) {
		return invalid(
			'incomplete_form',
			'the form ended too early, so the file may be cut off. send it again',
			{ cause }
		);
	}
	return invalid('malformed_form', 'this form cannot be read. send it again', { cause });
}

const tooManyFields = () =>
	invalid('too_many_fields', 'there are more fields in this form than a track has');

const quote = (name: string) => JSON.stringify(name.slice(0, 40));

const asError = (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause)));
