/** Who may import whom: the picture in docs/architecture.md, as rules. */
const server = '^src/lib/server/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [
		{
			name: 'no-cycles',
			comment: 'a cycle has no first file to understand',
			severity: 'error',
			from: { pathNot: 'lexicons/' },
			// a cycle of which a part is types only does not exist when the code runs
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }
		},
		{
			name: 'components-stay-out-of-the-server',
			comment: 'pages and components get what they need from load; types may be shared',
			severity: 'error',
			from: { path: '^src/(routes|lib)/.*(\\.svelte|\\.svelte\\.ts|\\+page\\.ts|\\+layout\\.ts)$' },
			to: { path: server, dependencyTypesNot: ['type-only'] }
		},
		{
			name: 'client-domains-stay-out-of-the-server',
			comment: 'src/lib/<domain> runs in the browser',
			severity: 'error',
			from: { path: '^src/lib/(?!server/)' },
			to: { path: server, dependencyTypesNot: ['type-only'] }
		},
		{
			name: 'ui-knows-no-domain',
			comment: 'ui has no domain words',
			severity: 'error',
			from: { path: '^src/lib/ui/' },
			to: { path: '^src/lib/(?!ui/)' }
		},
		{
			name: 'routes-are-thin',
			comment: 'a route calls a use-case; it never talks to the database, storage or a PDS itself',
			severity: 'error',
			from: { path: '^src/routes/' },
			to: {
				path: [
					'^src/lib/server/.*/[a-z-]*queries\\.ts$',
					'^src/lib/server/(db|storage|jobs|atproto)/',
					'node_modules/(kysely|postgres|@aws-sdk|@atproto)/'
				],
				dependencyTypesNot: ['type-only']
			}
		},
		{
			name: 'queries-are-private',
			comment: 'the rows of a domain are read and written by that domain',
			severity: 'error',
			from: { path: '^src/lib/server/([^/]+)/', pathNot: '\\.test\\.ts$' },
			to: {
				path: '^src/lib/server/.*/[a-z-]*queries\\.ts$',
				pathNot: '^src/lib/server/$1/',
				dependencyTypesNot: ['type-only']
			}
		},
		{
			name: 'kit-stays-at-the-edge',
			comment: 'domains run in plain node: jobs, the command line and tests have no SvelteKit',
			severity: 'error',
			from: { path: [server, '^src/cli/'], pathNot: '^src/lib/server/http/' },
			to: {
				path: [
					'node_modules/@sveltejs/',
					'^\\$app/',
					'^src/lib/server/http/(respond|session|guards|cookies|lifecycle)'
				],
				dependencyTypesNot: ['type-only']
			}
		},
		{
			name: 'transcoder-stands-alone',
			comment: 'the transcoder and the application share an http contract and nothing else',
			severity: 'error',
			from: { path: '^transcoder/' },
			to: { path: '^(src|dev|tests)/' }
		},
		{
			name: 'src-does-not-need-dev',
			comment: 'what only development needs is not in the container',
			severity: 'error',
			from: { path: '^(src|migrations)/', pathNot: '\\.test\\.ts$|/storage/contract/' },
			to: { path: '^(dev|tests|transcoder)/' }
		},
		{
			name: 'production-has-its-packages',
			comment: 'a package the running application imports is a dependency, not a devDependency',
			severity: 'error',
			from: {
				path: ['^src/lib/server/', '^src/cli/', '^src/server\\.ts$', '^migrations/'],
				pathNot: '\\.test\\.ts$|/testing/'
			},
			to: {
				dependencyTypes: ['npm-dev'],
				dependencyTypesNot: ['type-only'],
				pathNot: 'node_modules/@sveltejs/kit/'
			}
		}
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^(build|\\.svelte-kit)/' },
		tsConfig: { fileName: 'tsconfig.json' },
		tsPreCompilationDeps: 'specify',
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'node', 'default', 'types'],
			extensions: ['.ts', '.js', '.svelte', '.json']
		}
	}
};
