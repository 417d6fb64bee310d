import { z } from 'zod';

/** Who somebody is on the network. */
export interface Identity {
	did: string;
	/** verified both ways; `handle.invalid` when the handle and the did do not name each other */
	handle: string;
	/** origin of the PDS */
	pdsUrl: string;
}

/** What a resolver of the OAuth client answers, as far as we read it. */
interface Resolved {
	did: string;
	handle: string;
	didDoc: unknown;
}

const didDocument = z.object({
	service: z
		.array(z.object({ id: z.string(), type: z.unknown(), serviceEndpoint: z.unknown() }))
		.default([])
});

/**
 * The identity a resolver found.
 * @throws Error when the document names no PDS. https://atproto.com/specs/did#did-documents
 */
export function toIdentity({ did, handle, didDoc }: Resolved): Identity {
	const { service } = didDocument.parse(didDoc);
	const pds = service.find(
		({ id, type }) =>
			(id === '#atproto_pds' || id === `${did}#atproto_pds`) && type === 'AtprotoPersonalDataServer'
	);
	const endpoint = pds?.serviceEndpoint;
	if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) {
		throw new Error(`the document of ${did} names no personal data server`);
	}
	return { did, handle, pdsUrl: new URL(endpoint).origin };
}
