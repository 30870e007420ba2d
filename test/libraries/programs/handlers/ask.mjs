// Asks a server what the programs beside this file answer, and prints each answer.
const REQUESTS = [
  ['GET', '/users/4711'],
  ['HEAD', '/users/4712'],
  ['GET', '/teams/red/late'],
  ['POST', '/teams/red/fail'],
  ['PUT', '/teams/blue/any'],
  ['GET', '/nothing/4713'],
];

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function ask(port) {
  for (const [method, path] of REQUESTS) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
    const text = await response.text();
    console.log(`${method} ${path} ${response.status} ${response.ok ? text : ''}`.trim());
  }
}
