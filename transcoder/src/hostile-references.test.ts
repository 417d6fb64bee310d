import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { postFile, startServiceProcess, type ServiceProcess } from './testing/service-process.ts';
import { temporaryFolder } from './testing/temp-folder.ts';

const FFPROBE = 'ffprobe';

/** What a file names, so that ffmpeg asks for it: a neighbour on the network, and a file of the machine. */
const hostileFiles = (http: string): Record<string, string> => ({
	'an hls playlist': `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${http}/a.ts\n#EXT-X-ENDLIST\n`,
	'an hls playlist with a key': `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${http}/key"\n#EXTINF:1,\n${http}/a.ts\n`,
	'an hls playlist with a map': `#EXTM3U\n#EXT-X-MAP:URI="${http}/init.mp4"\n#EXTINF:1,\nfile:///etc/passwd\n`,
	'a master playlist': `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${http}/b.m3u8\n`,
	'an hls playlist of concat': `#EXTM3U\n#EXTINF:1,\nconcat:${http}/a|file:///etc/passwd\n#EXT-X-ENDLIST\n`,
	'an hls playlist of subfile': `#EXTM3U\n#EXTINF:1,\nsubfile,,start,0,end,64,,:/etc/passwd\n#EXT-X-ENDLIST\n`,
	'an hls playlist of gopher': `#EXTM3U\n#EXTINF:1,\ngopher${http.slice(4)}/x\n#EXT-X-ENDLIST\n`,
	'a list for concat': `ffconcat version 1.0\nfile ${http}/a.mp3\nfile /etc/passwd\n`,
	'a list for concat with options': `ffconcat version 1.0\nfile /etc/passwd\noption protocol_whitelist file,http,tcp\n`,
	'a pls playlist': `[playlist]\nNumberOfEntries=1\nFile1=${http}/a.mp3\n`,
	'a dash manifest': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${http}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
	'a smil document': `<smil><body><audio src="${http}/a.mp3"/></body></smil>`,
	'an svg picture': `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${http}/a.png"/></svg>`,
	'a redirector': `[Reference]\nRef1=${http}/a.asf\n`,
	'an asx playlist': `<asx version="3.0"><entry><ref href="${http}/a.asf"/></entry></asx>`,
	'a session description': `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n`,
	'an rtsp redirect': `RTSPtext\nrtsp${http.slice(4)}/x\n`,
	'a filter script': `amovie=/etc/passwd[out]`,
	'ffmpeg metadata': `;FFMETADATA1\ntitle=x\n[STREAM]\nfile=/etc/passwd\n`
});

describe('a file that names others', () => {
	const folder = temporaryFolder();
	let service: ServiceProcess;
	let listener: Server;
	let http: string;
	let asked = 0;

	before(async () => {
		listener = createServer((socket) => {
			asked += 1;
			socket.destroy();
		}).listen(0, '127.0.0.1');
		await once(listener, 'listening');
		http = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
		service = await startServiceProcess(folder);
	});
	after(async () => {
		listener.close();
		await service.end('SIGTERM');
	});

	it('is followed by an ffmpeg that nobody confines: the bait works', async () => {
		const path = join(folder, 'bait.m3u8');
		writeFileSync(path, hostileFiles(http)['an hls playlist'] ?? '');
		const program = spawn(FFPROBE, ['-protocol_whitelist', 'file,http,tcp', '-i', path]);
		program.stderr.resume();
		await once(program, 'close');
		assert.ok(asked > 0);
		asked = 0;
	});

	for (const name of Object.keys(hostileFiles(''.padEnd(4)))) {
		it(`reaches neither the network nor the machine: ${name}`, async () => {
			const path = join(folder, name);
			writeFileSync(path, hostileFiles(http)[name] ?? '');
			for (const route of ['/analyse', '/transcode?target=wav']) {
				const answer = await postFile(service.url + route, path);
				assert.equal(answer.status, 400, answer.body.toString().slice(0, 200));
				assert.doesNotMatch(answer.body.toString(), /root:|127\.0\.0\.1/);
			}
			assert.equal(asked, 0, 'somebody was asked');
			assert.deepEqual(service.requestFolders(), []);
		});
	}
});
