/** "12,345": the same on the server and in every browser. */
export const grouped = (count: number): string => count.toLocaleString('en');
