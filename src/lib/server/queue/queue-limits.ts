/** Ten thousand items with the longest ranks anybody makes. */
export const MAX_QUEUE_BYTES = 4 * 1024 * 1024;
