// Asks a server for the same page over and over, and says how many answers came; and which were not the first one again.
const [url] = process.argv.slice(2);
const expected = await (await fetch(url)).text();
let answers = 0;

async function ask() {
  for (;;) {
    const answer = await fetch(url).then((got) => got.text(), String);
    answers++;
    if (answer !== expected) console.log(`wrong ${answer.slice(0, 200)}`);
    // Others need processors, too.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (let client = 0; client < 4; client++) void ask();
console.log('ready');
setInterval(() => console.log(`answers ${answers}`), 100);
