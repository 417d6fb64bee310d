/** A place somebody is signed in at, as they see it. */
export interface OwnSignIn {
	/** names it when it is ended */
	id: string;
	/** "firefox on linux" */
	device: string;
	beganAt: string;
	endsAt: string;
	/** in plain words */
	lastUsed: string;
	/** the one the question came by */
	isThisOne: boolean;
}
