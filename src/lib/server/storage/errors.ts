import { DomainError } from '#lib/server/errors.ts';

/** No object has this key. */
export class ObjectNotFound extends Error {
	readonly key: string;

	constructor(key: string, options?: ErrorOptions) {
		super(`there is no stored file under ${key}`, options);
		this.name = 'ObjectNotFound';
		this.key = key;
	}
}

/** Different bytes are already published under this key. They were left alone. */
export class ObjectExists extends Error {
	readonly key: string;

	constructor(key: string, options?: ErrorOptions) {
		super(`a different file is already stored under ${key}`, options);
		this.name = 'ObjectExists';
		this.key = key;
	}
}

/** The object ends before the bytes that were asked for: it is not the object its row describes. */
export class ObjectTooShort extends Error {
	readonly key: string;

	constructor(key: string, options?: ErrorOptions) {
		super(`the stored file under ${key} is shorter than expected`, options);
		this.name = 'ObjectTooShort';
		this.key = key;
	}
}

/** A key or upload id with characters or segments that are not allowed. */
export class InvalidKey extends Error {
	readonly key: string;

	constructor(key: string) {
		super(`not a storage key: ${JSON.stringify(key.slice(0, 200))}`);
		this.name = 'InvalidKey';
		this.key = key;
	}
}

/** No staged upload has this id: never begun, or discarded. */
export class StagedUploadNotFound extends Error {
	readonly id: string;

	constructor(id: string, options?: ErrorOptions) {
		super(`there is no staged upload ${id}`, options);
		this.name = 'StagedUploadNotFound';
		this.id = id;
	}
}

/** The staged upload has been published; its bytes do not change any more. */
export class StagedUploadSealed extends Error {
	readonly id: string;

	constructor(id: string) {
		super(`the staged upload ${id} is published and takes no more bytes`);
		this.name = 'StagedUploadSealed';
		this.id = id;
	}
}

/** An append did not begin where the staged upload ends. */
export class OffsetMismatch extends Error {
	readonly id: string;
	/** where it really ends */
	readonly offsetBytes: number;

	constructor(id: string, offsetBytes: number, options?: ErrorOptions) {
		super(`the staged upload ${id} continues at ${offsetBytes}`, options);
		this.name = 'OffsetMismatch';
		this.id = id;
		this.offsetBytes = offsetBytes;
	}
}

/** The source of an append broke; what came before is kept. `cause` is what the source threw. */
export class AppendInterrupted extends Error {
	readonly id: string;
	/** bytes the staged upload holds now: continue here */
	readonly offsetBytes: number;

	constructor(id: string, offsetBytes: number, options: { cause: unknown }) {
		super(`the upload ${id} broke off at ${offsetBytes}`, options);
		this.name = 'AppendInterrupted';
		this.id = id;
		this.offsetBytes = offsetBytes;
	}
}

/** The staged bytes are not the ones the caller promised to publish. */
export class ContentMismatch extends Error {
	readonly id: string;

	constructor(id: string, difference: string) {
		super(`the staged upload ${id} is not what was announced: ${difference}`);
		this.name = 'ContentMismatch';
		this.id = id;
	}
}

/** The store does not answer, refuses, or is full. `cause` has what it said. */
export class StorageUnavailable extends DomainError {
	constructor(message: string, options: { cause?: unknown } = {}) {
		super(503, 'storage_unavailable', message, options);
		this.name = 'StorageUnavailable';
	}
}
