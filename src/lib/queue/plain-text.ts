/** Control characters and halves of characters: a database cannot keep some, and nothing shows any. */
const UNKEPT = /[\p{Cc}\p{Cs}]/u;

/** Whether a text can be kept and shown as it is. */
export const isPlainText = (text: string): boolean => !UNKEPT.test(text);

/** A text with a space for what could not be kept. */
export const plainText = (text: string): string => text.replace(new RegExp(UNKEPT, 'gu'), ' ');
