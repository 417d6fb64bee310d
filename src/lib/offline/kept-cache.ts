/** The browser's cache in which music is kept; the service worker answers from it. */
export const KEPT_CACHE = 'kept-1';

/** Whether an address of this site may be kept: audio and what belongs to it, pictures. */
export const isKeepable = (pathname: string): boolean => /^\/(audio|images)\//.test(pathname);
