import { DomainError } from '#lib/server/errors.ts';

/** The grant is gone: revoked, expired, or never given. Only signing in again helps. */
export class SignInAgain extends DomainError {
	readonly did: string;

	constructor(did: string, cause?: unknown) {
		super(
			401,
			'sign_in_again',
			'your personal data server no longer knows this sign-in. sign in again to go on; nothing is lost',
			{ cause }
		);
		this.name = 'SignInAgain';
		this.did = did;
	}
}

/** The network, the PDS or its neighbours failed. The grant is untouched, and trying again makes sense. */
export class PdsUnavailable extends DomainError {
	constructor(cause?: unknown) {
		super(
			503,
			'pds_unavailable',
			'your personal data server does not answer. try again in a moment',
			{ cause, retryAfterSeconds: 5 }
		);
		this.name = 'PdsUnavailable';
	}
}

/**
 * A PDS understood a call and refused it. Has the fields of XRPCError in @atproto/api.
 * https://atproto.com/specs/xrpc#error-responses
 */
export class PdsRefusal extends Error {
	readonly status: number;
	/** the error's name, such as InvalidSwap or RecordNotFound */
	readonly error: string;

	constructor(status: number, error: string, message: string) {
		super(message);
		this.name = 'PdsRefusal';
		this.status = status;
		this.error = error;
	}
}
