// Runs each script of stdin (a JSON list of lists) in a page of its own, as far as pages go without
// a browser, and prints what the scripts of each told the page: a JSON list of lists.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const pages = JSON.parse(readFileSync(0, "utf8"));

function run(scripts) {
  const told = [];
  const tell = (text) => told.push(text);
  const page = vm.createContext({ io: { j: { 7: tell } }, parent: { s: { _: tell } }, document: {} });
  for (const script of scripts) vm.runInContext(script, page);
  return told;
}

process.stdout.write(JSON.stringify(pages.map(run)));
