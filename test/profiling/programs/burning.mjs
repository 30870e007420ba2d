// Prints where its metrics are, and is busy in one function for half of its time.
import { current } from 'loopsight';

function burnForProfile() {
  const end = performance.now() + 20;
  while (performance.now() < end);
}

setInterval(burnForProfile, 40);
const endpoint = await current()?.endpoint;
console.log(endpoint?.url);
