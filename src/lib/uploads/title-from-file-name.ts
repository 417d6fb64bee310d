import { factsOfFileName } from './file-name-facts.ts';

/** A first guess at a title from a file's name: "03 - slow_tide.wav" → "slow tide". */
export const titleFromFileName = (fileName: string): string => factsOfFileName(fileName).title;
