/** Where a browser keeps what was chosen in it: a cookie, so that the server can make pages with it. */
export const PREFERENCES_COOKIE = 'preferences';
export const PREFERENCES_COOKIE_SECONDS = 400 * 24 * 60 * 60;
