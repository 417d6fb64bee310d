/** A receiver in a process of its own, for tests that kill it: prints its address, then serves. */
import { type ReceiverOptions, startReceiver } from './receiver.ts';

const options = JSON.parse(process.argv[2] ?? '') as ReceiverOptions;
const receiver = await startReceiver(options);
process.stdout.write(`${receiver.url}\n`);
// ends with the test that started it
process.stdin.resume().once('end', () => process.exit(0));
