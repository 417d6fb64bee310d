/** The first letter or digit of a name, also one that takes two units; '' when there is none. */
export const initialOf = (name: string): string => /[\p{L}\p{N}]/u.exec(name)?.[0] ?? '';
