// Times Microsoft's parser on the queries of a corpus, and says how rulec's compares.
//
//   KQL_CORPUS=FOLDER node tests/oracles/kql/speed.mjs --modules NODE_MODULES [--bench COMMAND]
//
// COMMAND prints what `cargo bench --bench kql` prints, which is also what runs where none is given. Both parse the accepted queries
// of kql.jsonl several times on one core, and the shortest time counts; Microsoft's parser has warmed up before.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const RUNS = 3;

function loadKusto(modules) {
  for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = path.join(modules, "@kusto/language-service-next", script);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  }
  return globalThis.Kusto.Language;
}

// The milliseconds of the shortest run over all queries.
function shortest(queries, parse) {
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = process.cpuUsage().user;
    for (const query of queries) parse(query);
    best = Math.min(best, (process.cpuUsage().user - start) / 1000);
  }
  return best;
}

// A duration as Rust writes it, in milliseconds.
function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(s|ms|µs|ns)$/.exec(text);
  return Number(number) * { s: 1000, ms: 1, "µs": 1e-3, ns: 1e-6 }[unit];
}

function main() {
  const [flag, modules, benchFlag, command] = process.argv.slice(2);
  if (flag !== "--modules" || (benchFlag !== undefined && benchFlag !== "--bench"))
    throw new Error("usage: speed.mjs --modules NODE_MODULES [--bench COMMAND]");
  const folder = process.env.KQL_CORPUS;
  if (!folder) {
    console.log("skipped: KQL_CORPUS names no corpus folder");
    return;
  }
  const Kusto = loadKusto(path.resolve(modules));
  const queries = fs.readFileSync(path.join(folder, "kql.jsonl"), "utf8").split("\n").filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line)).filter((entry) => entry.ok).map((entry) => entry.query);
  const bytes = queries.reduce((sum, query) => sum + Buffer.byteLength(query), 0);
  const parse = (query) => Kusto.KustoCode.Parse(query).GetSyntaxDiagnostics();
  queries.forEach(parse);
  const theirs = shortest(queries, parse);
  const [program, ...rest] = command ? command.split(" ") : ["cargo", "bench", "--quiet", "--bench", "kql"];
  const output = execFileSync(program, rest, { cwd: root, encoding: "utf8", env: process.env });
  const ours = milliseconds(/^parse +(\S+)/m.exec(output)[1]);
  const rate = (time) => `${(bytes / 1e3 / time).toFixed(2)} MB/s`;
  console.log(`${queries.length} queries, ${bytes} bytes`);
  console.log(`Microsoft's parser: ${theirs.toFixed(0)} ms, ${rate(theirs)}`);
  console.log(`rulec's parser: ${ours.toFixed(1)} ms, ${rate(ours)}, ${(theirs / ours).toFixed(0)} times as fast`);
}

main();
