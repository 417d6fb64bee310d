/** What the site keeps, and what that costs whoever runs it. */
export interface Costs {
	/** recordings, each once, however many tracks are made of it; smaller files beside them too */
	audioBytes: number;
	audioFiles: number;
	pictures: number;
	/** when this was summed up, ISO 8601 */
	countedAt: string;
	/** ISO 4217 */
	currency: string;
	/** null: the operator does not say */
	perMonth: number | null;
	perGigabyteMonth: number | null;
	/** of the audio, a month; null: the operator does not say what files cost */
	storageMonth: number | null;
}

/** An amount in lower case, the same on the server and in every browser: "eur 7.50". */
export function money(amount: number, currency: string): string {
	const digits = amount !== 0 && amount < 1 ? 4 : 2;
	return `${currency.toLowerCase()} ${amount.toLocaleString('en', {
		minimumFractionDigits: 2,
		maximumFractionDigits: digits
	})}`;
}
