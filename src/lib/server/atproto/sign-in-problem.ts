import { z } from 'zod';
import type { SignInProblemCode } from '#lib/auth/sign-in-sentences.ts';

/** What a sign-in under way remembers until its end. */
export const rememberedSignIn = z.object({
	/** as it was typed */
	handle: z.string(),
	/** a path of ours */
	returnTo: z.string(),
	/** loopback address of a program that waits for an exchange token */
	program: z.string().optional(),
	/** known only to the browser in which it was started */
	binding: z.string()
});

export type RememberedSignIn = z.infer<typeof rememberedSignIn>;

/** A sign-in that did not work out: always told on the login page, never as a bare error. */
export class SignInProblem extends Error {
	readonly code: SignInProblemCode;
	/** what it was started with, when that is known */
	readonly started: RememberedSignIn | undefined;

	constructor(
		code: SignInProblemCode,
		options: { cause?: unknown; started?: RememberedSignIn | undefined } = {}
	) {
		super(`sign-in failed: ${code}`, { cause: options.cause });
		this.name = 'SignInProblem';
		this.code = code;
		this.started = options.started;
	}
}
