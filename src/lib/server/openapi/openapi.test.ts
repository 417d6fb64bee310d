import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readConfig } from '#lib/server/config.ts';
import { openApiDocument } from './document.ts';
import { GROUPS } from './groups.ts';
import { SCHEMAS } from './schemas/components.ts';

const config = readConfig({ PUBLIC_URL: 'https://plyr.example.org', DATA_DIR: '/nowhere' });
const ROUTES = path.resolve('src/routes/api');

/** The methods a file of a route answers, by what it exports. */
function methodsOf(source: string): string[] {
	const named = [...source.matchAll(/export const (GET|POST|PUT|PATCH|DELETE|OPTIONS|HEAD)\b/g)];
	const listed = [...source.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names = '']) =>
		names.split(',').map((name) => name.trim().split(' as ').at(-1) ?? '')
	);
	return [...named.map(([, method = '']) => method), ...listed].filter(Boolean);
}

function routes(): string[] {
	const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
	return files
		.filter((name) => name.endsWith('+server.ts'))
		.flatMap((name) => {
			const source = readFileSync(path.join(ROUTES, name), 'utf8');
			const route = `/api/${path.dirname(name)}`.replace(/\[(?:\.\.\.)?(\w+)\]/g, '{$1}');
			return methodsOf(source).map((method) => `${method} ${route}`);
		});
}

/** Where uploads are created and where they go on is one route. */
const routeOf = (described: string) =>
	described === '/api/uploads/tus' ? `${described}/{id}` : described;

describe('the description of the api', () => {
	const operations = GROUPS.flatMap((group) => group.operations);
	const described = operations.map(
		({ method, path: at }) => `${method.toUpperCase()} ${routeOf(at)}`
	);

	it('has every method of every route, and no other', () => {
		const existing = new Set(routes());
		assert.ok(existing.size > 50, 'hardly any route was found');
		const undescribed = [...existing].filter((one) => !described.includes(one));
		const missing = described.filter((one) => !existing.has(one));
		assert.deepEqual({ undescribed, missing }, { undescribed: [], missing: [] });
	});

	it('says each thing once', () => {
		const places = operations.map(({ method, path: at }) => `${method} ${at}`);
		assert.deepEqual(places, [...new Set(places)]);
		const document = JSON.stringify(openApiDocument(config));
		const ids = [...document.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
		assert.equal(ids.length, operations.length);
		assert.equal(new Set(ids).size, ids.length);
	});

	it('has schemas that are schemas, and names none that is not there', () => {
		const document = openApiDocument(config);
		const named = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)];
		assert.ok(named.length > 50);
		for (const [, name = ''] of named) assert.ok(name in SCHEMAS, name);
		const ajv = new Ajv2020({
			strict: true,
			strictRequired: false,
			allowUnionTypes: true,
			validateFormats: false
		});
		ajv.addKeyword('components');
		ajv.addSchema({ $id: 'api', components: document['components'] }, 'api');
		for (const name of Object.keys(SCHEMAS)) {
			assert.ok(ajv.compile({ $ref: `api#/components/schemas/${name}` }), name);
		}
	});

	it('is OpenAPI 3.1', async () => {
		const validator = new Validator();
		const { valid, errors } = await validator.validate(openApiDocument(config));
		assert.ok(valid, JSON.stringify(errors));
		assert.equal(validator.version, '3.1');
	});

	it('is in lower case, as everything the site says', () => {
		for (const { summary, details = '' } of operations) {
			assert.equal(summary.charAt(0), summary.charAt(0).toLowerCase(), summary);
			assert.equal(details.charAt(0), details.charAt(0).toLowerCase(), details);
		}
	});
});

it('every route of the api answers with and without a slash at its end', () => {
	const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
	const strict = files
		.filter((name) => name.endsWith('+server.ts'))
		.filter(
			(name) =>
				!/export const trailingSlash = 'ignore'/.test(readFileSync(path.join(ROUTES, name), 'utf8'))
		);
	assert.deepEqual(strict, []);
});
