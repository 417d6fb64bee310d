/** Tags that tracks have already and that begin like it, at most ten. Rejects when `signal` ends it. */
export async function findTags(typed: string, signal: AbortSignal): Promise<string[]> {
	const response = await fetch(`/api/tags?q=${encodeURIComponent(typed)}`, { signal });
	if (!response.ok) return [];
	const { tags } = (await response.json()) as { tags: { tag: string }[] };
	return tags.map(({ tag }) => tag);
}
