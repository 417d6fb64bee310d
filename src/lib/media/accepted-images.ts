/**
 * What file choosers offer as a picture: all we take but heic, which phones then convert by
 * themselves. It is an offer only: the server decides by content. Extensions stand beside the
 * types because some systems do not know what type an avif is, and would not let one choose it.
 */
export const ACCEPTED_IMAGES =
	'.jpg,.jpeg,.png,.webp,.gif,.avif,image/jpeg,image/png,image/webp,image/gif,image/avif';
