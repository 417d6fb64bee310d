/** How an answer can be made smaller, in the order we like. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * Which encoding to use for whoever sends this Accept-Encoding (RFC 9110 §12.5.3): of those they take,
 * the one they like best, and of several the first of ours. null: as it is.
 */
export function chooseEncoding(acceptEncoding: string | null): Encoding | null {
	if (acceptEncoding === null) return null;
	const weights = readWeights(acceptEncoding);
	const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
	let chosen: Encoding | null = null;
	for (const encoding of ENCODINGS) {
		if (weightOf(encoding) > (chosen === null ? 0 : weightOf(chosen))) chosen = encoding;
	}
	// as it is has to be liked less than that to be left
	const asItIs = weights.get('identity') ?? 0;
	return chosen !== null && weightOf(chosen) >= asItIs ? chosen : null;
}

function readWeights(header: string): Map<string, number> {
	const weights = new Map<string, number>();
	for (const part of header.toLowerCase().split(',')) {
		const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
		const weight = parameters.find((one) => one.startsWith('q='))?.slice(2);
		const value = weight === undefined ? 1 : Number(weight);
		if (name !== '') weights.set(name, Number.isFinite(value) ? value : 0);
	}
	return weights;
}
