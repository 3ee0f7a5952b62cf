// Breaks queries by one token each, and says what Microsoft's parser makes of them.
//
//   KQL_CORPUS=FOLDER node tests/oracles/kql/mutants.mjs --modules NODE_MODULES [--count N] [--seed N] > MUTANTS
//
// The folder holds kql.jsonl (objects with id, query and ok) and sentinel/ (rules in YAML). Each line of the output is an object with
// an id, the kind of change, the query, and the start of the first mistake, or null where the parser accepts it. The same seed
// makes the same mutants. `RULEC_KQL_MUTANTS=MUTANTS cargo test --test integration kql_corpus` compares the parser with them.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { createRequire } from "node:module";

function loadKusto(modules) {
  for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = path.join(modules, "@kusto/language-service-next", script);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  }
  return globalThis.Kusto.Language;
}

const toArray = (list) => Array.from({ length: list.Count ?? list.length }, (_, i) => list.getItem?.(i) ?? list[i]);

// The start of the first syntax error; null for a query that is accepted.
function firstError(Kusto, query) {
  const found = toArray(Kusto.KustoCode.Parse(query).GetSyntaxDiagnostics()).filter((d) => d.Severity === "Error");
  return found.length === 0 ? null : Math.min(...found.map((d) => d.Start));
}

// Small and the same everywhere; the quality of the numbers does not matter.
function random(seed) {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const TOKEN = new RegExp(
  [
    "(?<comment>//[^\\n]*)",
    "(?<text>[hH]?(?:```[^]*?```|~~~[^]*?~~~|@\"(?:[^\"\\n]|\"\")*\"|@'(?:[^'\\n]|'')*'|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'))",
    "(?<number>\\d[\\w.]*)",
    "(?<word>!?[A-Za-z_$][\\w]*(?:-[a-z]+)?~?)",
    "(?<mark>\\.\\.|==|=~|!=|!~|<=|>=|<>|=>|[^\\s\\w])",
  ].join("|"),
  "g",
);

function tokens(query) {
  const found = [];
  for (const match of query.matchAll(TOKEN)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (kind !== "comment") found.push({ kind, text: match[0], start: match.index, end: match.index + match[0].length });
  }
  return found;
}

const replaced = (query, token, text) => query.slice(0, token.start) + text + query.slice(token.end);
const dropped = (query, token) => replaced(query, token, "");
const isMark = (marks) => (token) => token.kind === "mark" && marks.includes(token.text);
const KEYWORDS = new Set(
  ("where extend project summarize join union distinct sort order by on asc desc top take limit count parse with mv-expand mv-apply " +
    "project-away project-rename project-reorder project-keep make-series lookup evaluate invoke render serialize search find print " +
    "range let in in~ !in !in~ and or has has_any has_all contains !contains startswith endswith matches between !between has_cs " +
    "contains_cs hasprefix hassuffix kind isfuzzy withsource step from to default typeof datatable externaldata materialize " +
    "toscalar dynamic of nulls first last as parse-where sample reduce scan partition fork facet getschema consume").split(" "),
);
const isKeyword = (token) => token.kind === "word" && KEYWORDS.has(token.text);

// Each kind of change: which tokens it is for, and what it makes of one.
const CHANGES = {
  drop: { of: () => true, make: (query, token) => dropped(query, token) },
  double: { of: () => true, make: (query, token) => replaced(query, token, `${token.text} ${token.text}`) },
  swap: {
    of: (token, next) => next !== undefined,
    make: (query, token, next) =>
      query.slice(0, token.start) + next.text + query.slice(token.end, next.start) + token.text + query.slice(next.end),
  },
  parenthesis: { of: isMark("()"), make: (query, token) => dropped(query, token) },
  bracket: { of: isMark("[]{}"), make: (query, token) => dropped(query, token) },
  quote: {
    of: (token) => token.kind === "text",
    make: (query, token, _, pick) =>
      pick(2) === 0 ? replaced(query, token, token.text.slice(0, -1)) : replaced(query, token, token.text.replace(/["'`~]/, "")),
  },
  pipe: { of: isMark("|"), make: (query, token) => dropped(query, token) },
  comma: { of: isMark(","), make: (query, token) => dropped(query, token) },
  semicolon: { of: isMark(";"), make: (query, token) => dropped(query, token) },
  keyword: {
    of: isKeyword,
    make: (query, token, _, pick) => {
      const at = pick(token.text.length);
      return replaced(query, token, token.text.slice(0, at) + (pick(2) === 0 ? "" : token.text[at] + token.text[at]) + token.text.slice(at + 1));
    },
  },
  parameter: {
    of: (token, next) => token.kind === "word" && next?.text === "=",
    make: (query, token, _, pick) => {
      const at = pick(token.text.length);
      return replaced(query, token, token.text.slice(0, at) + token.text.slice(at + 1));
    },
  },
  case: {
    of: (token) => isKeyword(token) || (token.kind === "word" && /^[a-z_]+$/.test(token.text)),
    make: (query, token, _, pick) =>
      replaced(query, token, pick(2) === 0 ? token.text.toUpperCase() : token.text.replace(/[a-z]/, (c) => c.toUpperCase())),
  },
  number: {
    of: (token) => token.kind === "number",
    make: (query, token, _, pick) => replaced(query, token, token.text + ["x", ".", ".5.", "e", "-", "_", "dd"][pick(7)]),
  },
  escape: {
    of: (token) => token.kind === "text" && token.text.length > 2,
    make: (query, token, _, pick) => {
      const at = 1 + pick(token.text.length - 2);
      return replaced(query, token, token.text.slice(0, at) + ["\\", "\\d", "\n", "\"", "'"][pick(5)] + token.text.slice(at));
    },
  },
  stray: {
    of: () => true,
    make: (query, token, _, pick) =>
      query.slice(0, token.start) + ["#", "&&", "||", "^", "?", "..", "=", "!", "@", "$", "\\", "é"][pick(12)] + query.slice(token.start),
  },
};

function* files(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* files(file);
    else if (/\.ya?ml$/.test(entry.name)) yield file;
  }
}

function corpus(folder, modules) {
  const queries = fs.readFileSync(path.join(folder, "kql.jsonl"), "utf8").split("\n").filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line)).filter((entry) => entry.ok).map((entry) => entry.query);
  let yaml;
  try {
    yaml = createRequire(path.join(modules, "any.js"))("yaml");
  } catch {
    return queries;
  }
  for (const file of files(path.join(folder, "sentinel"))) {
    const query = yaml.parseDocument(fs.readFileSync(file, "utf8")).toJS()?.query;
    if (typeof query === "string") queries.push(query);
  }
  return queries;
}

function main() {
  const options = { modules: null, count: 5000, seed: 1 };
  const rest = process.argv.slice(2);
  for (let at = 0; at < rest.length; at += 2) {
    const name = rest[at].replace(/^--/, "");
    if (!(name in options) || rest[at + 1] === undefined) throw new Error("usage: mutants.mjs --modules NODE_MODULES [--count N] [--seed N]");
    options[name] = name === "modules" ? path.resolve(rest[at + 1]) : Number(rest[at + 1]);
  }
  const folder = process.env.KQL_CORPUS;
  if (!folder) {
    console.error("skipped: KQL_CORPUS names no corpus folder");
    return;
  }
  const Kusto = loadKusto(options.modules);
  const queries = corpus(folder, options.modules);
  const pick = random(options.seed);
  const kinds = Object.keys(CHANGES);
  for (let made = 0; made < options.count; ) {
    const query = queries[pick(queries.length)];
    const kind = kinds[pick(kinds.length)];
    const all = tokens(query);
    const { of, make } = CHANGES[kind];
    const places = all.map((_, at) => at).filter((at) => of(all[at], all[at + 1]));
    if (places.length === 0 || query.length > 8000) continue;
    const at = places[pick(places.length)];
    const mutant = make(query, all[at], all[at + 1], pick);
    if (mutant === query) continue;
    made += 1;
    console.log(JSON.stringify({ id: `${options.seed}.${made}`, kind, query: mutant, first: firstError(Kusto, mutant) }));
  }
}

main();
