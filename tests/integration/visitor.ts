import { walkAuthorization } from '../../dev/network/fetch-login.ts';

/** A browser without scripts: keeps cookies, says where it comes from, follows nothing by itself. */
export class Visitor {
	readonly site: string;
	readonly cookies = new Map<string, string>();
	/** what it calls itself */
	userAgent: string | undefined;
	/** the Set-Cookie lines of the last answer */
	setCookies: string[] = [];

	constructor(site: string) {
		this.site = site;
	}

	async open(path: string, init: RequestInit = {}): Promise<Response> {
		const headers = new Headers(init.headers);
		if (this.cookies.size > 0) {
			headers.set(
				'cookie',
				[...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
			);
		}
		if (this.userAgent !== undefined) headers.set('user-agent', this.userAgent);
		if (!headers.has('accept')) headers.set('accept', 'text/html');
		const url = new URL(path, this.site);
		const response = await fetch(url, { ...init, headers, redirect: 'manual' });
		this.setCookies = response.headers.getSetCookie();
		for (const line of this.setCookies) this.#keep(line);
		return response;
	}

	/** Sends a form as a browser without scripts does. */
	submit(path: string, fields: Record<string, string>): Promise<Response> {
		return this.open(path, {
			method: 'POST',
			headers: { origin: this.site },
			body: new URLSearchParams(fields)
		});
	}

	/** Signs in from the login page on, through the pages of the PDS, and back. @returns the last answer */
	async signIn(
		name: string,
		options: { returnTo?: string; program?: string; deny?: boolean } = {}
	): Promise<Response> {
		const { returnTo, program, deny = false } = options;
		const started = await this.submit('/login', {
			handle: `${name}.test`,
			...(returnTo === undefined ? {} : { return_to: returnTo }),
			...(program === undefined ? {} : { program })
		});
		const consent = { username: `${name}.test`, password: `${name}-pass`, deny };
		const back = await walkAuthorization(locationOf(started), consent);
		return this.open(back.pathname + back.search);
	}

	#keep(line: string): void {
		const [pair = ''] = line.split(';');
		const at = pair.indexOf('=');
		const name = pair.slice(0, at);
		if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(name);
		else this.cookies.set(name, pair.slice(at + 1));
	}
}

/** Where an answer leads. */
export function locationOf(response: Response): string {
	const location = response.headers.get('location');
	if (location === null) throw new Error(`no redirect, but ${response.status}`);
	return location;
}
