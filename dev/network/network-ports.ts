import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '../write-file-whole.ts';
import { reservePort, type ReservedPort } from './reserve-port.ts';

const rememberedPorts = z.object({ plc: z.number().int(), pds: z.number().int() });

const SEARCHED_PORTS = 100;

/** Which port to try in which order: last time's, the wished one and those after it, any. */
function* candidates(remembered: number | undefined, wished: number, avoid: Set<number>) {
	if (remembered && !avoid.has(remembered)) yield remembered;
	if (wished) {
		for (let port = wished; port < Math.min(wished + SEARCHED_PORTS, 65536); port++) {
			if (!avoid.has(port)) yield port;
		}
	}
	yield 0;
}

/** The ports of the network's last run in this directory, if there was one. */
export async function readRememberedPorts(
	dir: string
): Promise<z.infer<typeof rememberedPorts> | undefined> {
	const text = await readFile(path.join(dir, 'ports.json'), 'utf8').catch(() => undefined);
	return text === undefined ? undefined : rememberedPorts.parse(JSON.parse(text));
}

/**
 * Takes a port for the PLC directory and one for the PDS and remembers them: DID documents name
 * the PDS by its address, so the same ports come back at every start as long as they are free.
 */
export async function reserveNetworkPorts(
	dir: string,
	wished: { plcPort: number; pdsPort: number; avoidPorts: number[] }
): Promise<{ plc: ReservedPort; pds: ReservedPort }> {
	const remembered = await readRememberedPorts(dir);
	const avoid = new Set(wished.avoidPorts);
	const plc = await reservePort(candidates(remembered?.plc, wished.plcPort, avoid));
	const pds = await reservePort(candidates(remembered?.pds, wished.pdsPort, avoid));
	const ports = JSON.stringify({ plc: plc.port, pds: pds.port });
	await writeFileWhole(path.join(dir, 'ports.json'), ports);
	return { plc, pds };
}
