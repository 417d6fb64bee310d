import assert from 'node:assert/strict';

/** What an engine would do, which is not here. */
export interface ComposeHands {
	/** a container of its own, with words behind its entrypoint; none: the site */
	run(inner: string, asked: { file?: string; env: Record<string, string> }): Promise<void>;
	/** within the one that runs */
	exec(inner: string): Promise<void>;
	up(): Promise<void>;
	/** with its volumes, or they stay */
	down(withVolumes: boolean): Promise<void>;
}

/** What the machine around it is asked for: it is not tried here. */
const AROUND = /^(git|cp|chown|docker tag|docker compose build)\b/;

/** Does what a page says that is to be typed, in its order. */
export async function followCompose(script: string, hands: ComposeHands): Promise<void> {
	const commands = script
		.split('\n')
		.map((line) => line.replace(/ {2,}# .*$/, ''))
		.flatMap((line) => line.split(/ && (?=docker |git |cd )/))
		.filter((line) => !AROUND.test(line) && !line.startsWith('cd '));
	for (const command of commands) {
		const [, what = '', rest = ''] =
			/^docker compose (?:--project-name \w+ )?(\w+) ?(.*)$/.exec(command) ?? [];
		if (what === 'up') await hands.up();
		else if (what === 'down') await hands.down(rest === '--volumes');
		else {
			const [, flags = '', inner = '', , file] =
				/^((?:-\S+ (?:[\w.]+[:=]\S+ )?)*)plyr ?(.*?)( < (\S+))?$/.exec(rest) ?? [];
			assert.ok(['run', 'exec'].includes(what) && (inner !== '' || what === 'run'), command);
			const env = Object.fromEntries(
				[...flags.matchAll(/--env (\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value])
			);
			if (what === 'exec') await hands.exec(inner);
			else await hands.run(inner, { env, ...(file === undefined ? {} : { file }) });
		}
	}
}
