// Attaches to the process that it is told, and stays; or ends at once, as a command does when Ctrl-C comes twice.
import { attach } from '../../../src/attach/attach.js';

await attach(Number(process.argv[2]));
if (process.argv[3] === 'exit') process.exit();
process.stdout.write('attached\n');
setInterval(() => {}, 60_000);
