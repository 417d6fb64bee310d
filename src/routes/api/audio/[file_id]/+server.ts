export { GET, OPTIONS } from '../../../audio/[file_id]/+server.ts';

export const trailingSlash = 'ignore';
