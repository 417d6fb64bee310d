import { notFound } from '#lib/server/errors.ts';

export const uploadNotFound = () => notFound('upload not found', 'upload_not_found');
