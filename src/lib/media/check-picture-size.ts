/** Says at once, before it is sent, that the chosen picture is too large; the form then stays here. */
export function checkPictureSize(input: HTMLInputElement, maxBytes: number): void {
	const isTooLarge = (input.files?.[0]?.size ?? 0) > maxBytes;
	const megabytes = Math.floor(maxBytes / (1024 * 1024));
	input.setCustomValidity(
		isTooLarge ? `this picture is larger than ${megabytes} MB. choose a smaller one` : ''
	);
	if (isTooLarge) input.reportValidity();
}
