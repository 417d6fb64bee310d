import { done, type Group, jsonBody, ok } from '../operation.ts';
import { record, text } from '../schema.ts';

export const signIn: Group = {
	name: 'sign-in',
	text: 'a browser has a cookie. a program opens /auth/start in one, gets a code that works once and soon ends, exchanges it for a session and sends that as `authorization: Bearer …`. or its owner makes a token at /settings/tokens, for reading or for writing, and it sends that.',
	operations: [
		{
			method: 'get',
			path: '/api/auth/start',
			summary: 'leads to the page of a person’s own server where they allow the sign-in',
			audience: 'anybody',
			parameters: [
				{
					...{ name: 'handle', place: 'query', description: 'of whoever signs in' },
					...{ isRequired: true, schema: text() }
				}
			],
			answers: [{ status: 307, description: 'to /auth/start' }]
		},
		{
			method: 'post',
			path: '/api/auth/exchange',
			summary: 'a session for the code a program was given',
			audience: 'anybody',
			body: jsonBody(record({ exchange_token: text() })),
			answers: [ok(record({ session_id: text() }))],
			errors: [[401, 'invalid_exchange_token', 'it is used, too old, or none of ours']]
		},
		{
			method: 'get',
			path: '/api/auth/me',
			summary: 'who you are',
			audience: 'session',
			answers: [ok(record({ did: text(), handle: text() }))]
		},
		{
			method: 'post',
			path: '/api/auth/logout',
			summary: 'ends the session',
			audience: 'session',
			answers: [done('logged out successfully')]
		}
	]
};
