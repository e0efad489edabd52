// Where measuring in Node begins: each line of the input is a call of Bench, and is answered by a line.
// benchmarks/javascript/node.py starts this program. It ends with its input.

import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { Bench } from "./bench";

type Call = { name: keyof Bench; words: unknown[] };

// Node before 22 has none, and ws is what a program in Node uses.
Object.assign(globalThis, { WebSocket });

const bench = new Bench();

async function answer({ name, words }: Call): Promise<object> {
  try {
    const method = bench[name] as (...words: unknown[]) => unknown;
    return { found: await method.apply(bench, words) };
  } catch (error) {
    return { error: String(error) };
  }
}

createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
});
