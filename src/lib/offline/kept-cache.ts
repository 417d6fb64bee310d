/** The browser's cache in which music is kept; the service worker answers from it. */
export const KEPT_CACHE = 'kept-1';

/** Whether an address of this site may be kept: audio and what belongs to it, pictures. */
export const isKeepable = (pathname: string): boolean => /^\/(audio|images)\//.test(pathname);

/**
 * What a page asks the service worker before it keeps music: to keep the whole shell of the site, without
 * which it could not be played. The answer comes by the port of the message: whether it is there.
 */
export const KEEP_SHELL = 'keep-shell';

/**
 * Says in the answer that is kept for an address that the music is kept under another one: a track may
 * have several files, and is kept once.
 */
export const KEPT_AS = 'x-kept-as';
