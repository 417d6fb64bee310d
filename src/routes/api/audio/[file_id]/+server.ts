export { GET, HEAD, OPTIONS } from '../../../audio/[file_id]/+server.ts';

export const trailingSlash = 'ignore';
