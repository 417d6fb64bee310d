/** Of some plays in words: "1 play", "12 plays". */
export const playsInWords = (count: number): string => (count === 1 ? '1 play' : `${count} plays`);
