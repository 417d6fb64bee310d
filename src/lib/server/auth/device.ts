import { deviceName } from '#lib/queue/device-name.ts';

/** What is neither a letter nor anything a name needs is left out: the header says what it wants. */
const PROGRAM = /^([A-Za-z][A-Za-z0-9._-]{0,29})(?:\/|$)/;

/**
 * Where a sign-in was begun, in plain words: "firefox on linux", "a program (curl)". Of the header no
 * more is kept than that.
 */
export function describeDevice(userAgent: string | null): string {
	if (userAgent === null || userAgent === '') return 'a program';
	if (/^Mozilla\//.test(userAgent)) return deviceName(userAgent);
	const name = PROGRAM.exec(userAgent)?.[1];
	return name === undefined ? 'a program' : `a program (${name.toLowerCase()})`;
}
