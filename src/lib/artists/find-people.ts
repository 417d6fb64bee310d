import type { FoundPerson } from './found-person.ts';

const SHOWN = 8;

/** People whose handle or name fits what is typed, at most eight. Rejects when `signal` ends it. */
export async function findPeople(typed: string, signal: AbortSignal): Promise<FoundPerson[]> {
	const query = `q=${encodeURIComponent(typed.replace(/^@/, ''))}&limit=${SHOWN}`;
	const response = await fetch(`/api/search/handles?${query}`, { signal });
	if (!response.ok) return [];
	return ((await response.json()) as { results: FoundPerson[] }).results;
}
