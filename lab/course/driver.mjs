// Runs a learner's client.mjs: reads {"say": text} line by line, and reports what happens.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [file, url, room, name] = process.argv.slice(2);
const report = (what) => console.log(JSON.stringify({ lab: what }));

const { connect } = await import(pathToFileURL(file));
const client = connect(url, { room, name, onMessage: (message) => report({ message }) });

for await (const line of createInterface({ input: process.stdin })) {
  const { say } = JSON.parse(line);
  Promise.resolve(client.say(say)).then(
    (answer) => report({ said: say, answer }),
    (error) => report({ failed: String(error.message ?? error) }),
  );
}
process.exit(0);
