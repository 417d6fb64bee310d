/** What an artist says about explicit content, among the labels of com.atproto.label.defs#selfLabels. */
const EXPLICIT = 'explicit';
const SELF_LABELS = 'com.atproto.label.defs#selfLabels';

interface SelfLabels {
	$type?: string;
	values: { val: string }[];
}

/** Whether a record's `labels` warn of explicit content. */
export const saysExplicit = (labels: unknown): boolean =>
	isSelfLabels(labels) && labels.values.some((label) => label.val === EXPLICIT);

/**
 * A record's `labels` with or without the warning; whatever else they say stays.
 * @returns undefined when nothing is left to say
 */
export function withExplicit(labels: unknown, isExplicit: boolean): unknown {
	if (saysExplicit(labels) === isExplicit) return labels;
	const said = isSelfLabels(labels) ? labels : { $type: SELF_LABELS, values: [] };
	const others = said.values.filter((label) => label.val !== EXPLICIT);
	if (!isExplicit && others.length === 0) return undefined;
	// the field is an open union: its kind must be named
	return {
		...said,
		$type: SELF_LABELS,
		values: isExplicit ? [...others, { val: EXPLICIT }] : others
	};
}

function isSelfLabels(labels: unknown): labels is SelfLabels {
	if (typeof labels !== 'object' || labels === null || !('values' in labels)) return false;
	if ('$type' in labels && labels.$type !== SELF_LABELS) return false;
	const { values } = labels;
	return Array.isArray(values) && values.every((label: unknown) => hasVal(label));
}

const hasVal = (label: unknown): boolean =>
	typeof label === 'object' && label !== null && 'val' in label && typeof label.val === 'string';
