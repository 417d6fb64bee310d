import { readFile } from 'node:fs/promises';
import { readConfig } from '#lib/server/config.ts';
import { connectDatabase, type DatabaseAddress } from '#lib/server/db/connect.ts';
import { storeImage } from '#lib/server/media/images.ts';
import { createStorage } from '#lib/server/storage/create-storage.ts';
import type { Storage } from '#lib/server/storage/storage.ts';

// keeps a picture in a process of its own, says how many objects it has stored, and after so many
// stands still, to be killed

const [, , address = '', dir = '', file = '', objects = ''] = process.argv;
const connection = connectDatabase(JSON.parse(address) as DatabaseAddress, readConfig({}).database);
const storage = await createStorage({ backend: 'filesystem', dir });
const put = storage.put.bind(storage);
let begun = 0;
let stored = 0;
const slow: Pick<Storage, 'put'> = {
	async put(key, source, options) {
		// they are stored side by side
		if ((begun += 1) > Number(objects)) {
			await new Promise(() => setInterval(() => undefined, 1_000));
		}
		const facts = await put(key, source, options);
		stored += 1;
		process.stdout.write(`stored ${stored}\n`);
		return facts;
	}
};
const { imageId } = await storeImage(
	{ db: connection.db, storage: Object.assign(storage, slow) },
	await readFile(file)
);
process.stdout.write(`kept ${imageId}\n`);
await connection.close();
