// Measures queries with Microsoft's own KQL binder: the columns of the result, and the places of mistakes.
//
//   node tests/oracles/kql/bind.mjs --modules NODE_MODULES cases FILE [--write]
//   node tests/oracles/kql/bind.mjs --modules NODE_MODULES measure < QUERIES > MEASURED
//
// `cases` compares a file of cases with what is measured now, or writes it again. `measure` reads JSON objects with an id and a
// query, one on a line, and prints them with what was measured; `RULEC_BIND_MEASURED=MEASURED cargo test kql_bind` then compares
// the binder with them. Tables that are not known are taken for tables of any columns. The schemas are those of schemas/kusto.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { fileURLToPath } from "node:url";

const schemas = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../schemas/kusto");

function loadKusto(modules) {
  for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = path.join(modules, "@kusto/language-service-next", script);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  }
  return globalThis.Kusto.Language;
}

const toArray = (list) => Array.from({ length: list.Count ?? list.length }, (_, i) => list.getItem?.(i) ?? list[i]);
const lines = (name) =>
  fs.readFileSync(path.join(schemas, name), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
const quoted = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `['${name}']`);

const STANDARD = [
  ["TimeGenerated", "datetime"], ["Type", "string"], ["TenantId", "string"], ["SourceSystem", "string"],
  ["_ResourceId", "string"], ["_SubscriptionId", "string"], ["_ItemId", "string"], ["_TimeReceived", "datetime"],
];
const DEFENDER = [["Timestamp", "datetime"], ["ReportId", "string"]];

// Each table's columns, as the loader in src/schema/kusto reads them.
function* tables() {
  const sets = [];
  for (const line of lines("tables.txt")) {
    const [name, ...groups] = line.split("\t");
    if (name.startsWith("&")) { sets.push(groups); continue; }
    const columns = new Map();
    for (const group of groups.flatMap((group) => (group.startsWith("&") ? sets[group.slice(1) - 1] : [group]))) {
      if (group.startsWith("+")) continue;
      const [type, names] = group.split("=");
      for (const column of names.split(";")) columns.set(column, type);
    }
    const sorted = new Map([...columns].sort(([a], [b]) => (a < b ? -1 : 1)));
    for (const [column, type] of [...STANDARD, ...(groups.includes("+xdr") ? DEFENDER : [])])
      if (!sorted.has(column)) sorted.set(column, type);
    yield [name, sorted, groups.includes("+open") || name.endsWith("_CL")];
  }
}

function* savedFunctions() {
  const lists = [];
  for (const line of lines("saved-functions.txt")) {
    const [name, list, result] = line.split("\t");
    if (name.startsWith("&")) { lists.push(list); continue; }
    const given = list.startsWith("&") ? lists[list.slice(1) - 1] : list;
    // The language wants a default where a parameter may be left out; which one does not matter here.
    const parameters = given.replace(/:(\w+)\?/g, (_, type) => `:${type}=${type === "string" ? "''" : `${type}(null)`}`)
      .replace(/:table\?/g, ":table=dynamic(null)");
    yield [name, parameters, result];
  }
}

function workspace(Kusto, members) {
  const { DatabaseSymbol, Symbol } = Kusto.Symbols;
  const list = new (globalThis.System.Collections.Generic.List$1(Symbol).ctor)();
  for (const member of members) list.add(member);
  return Kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor3("workspace", null, list, false));
}

function members(Kusto) {
  const { TableSymbol, FunctionSymbol, Parameter } = Kusto.Symbols;
  const found = [];
  for (const [name, columns, open] of tables()) {
    const schema = [...columns].map(([column, type]) => `${quoted(column)}: ${type}`).join(", ");
    found.push(TableSymbol.From(`(${schema})`).WithName(name).WithIsOpen(open));
  }
  const any = TableSymbol.From("(TimeGenerated: datetime)").WithIsOpen(true);
  for (const [name, parameters, result] of savedFunctions())
    found.push(result ? new FunctionSymbol.$ctor16(name, parameters, "{ '' }", null)
      : new FunctionSymbol.$ctor6(name, any, Parameter.ParseList(parameters), null));
  return found;
}

function measure(Kusto, known, globals, query) {
  let code = Kusto.KustoCode.ParseAndAnalyze(query, globals);
  const text = (d) => query.slice(d.Start, d.Start + d.Length);
  const errors = () => toArray(code.GetDiagnostics()).filter((d) => d.Severity === "Error");
  const unknown = new Set(errors().filter((d) => d.Code === "KS204" || (d.Code === "KS117" && /argument list/.test(d.Message))).map(text));
  if (unknown.size > 0) {
    const open = Kusto.Symbols.TableSymbol.From("()").WithIsOpen(true);
    const others = known.filter((member) => !unknown.has(member.Name));
    code = Kusto.KustoCode.ParseAndAnalyze(query, workspace(Kusto, [...others, ...[...unknown].map((name) => open.WithName(name))]));
  }
  const syntax = new Set(toArray(code.GetSyntaxDiagnostics()).map((d) => `${d.Code} ${d.Start}`));
  const result = code.ResultType;
  const columns = result?.Columns ? toArray(result.Columns).map((c) => [c.Name, c.Type.Name]) : null;
  return {
    columns,
    open: unknown.size > 0 || Boolean(result?.IsOpen),
    syntax: syntax.size > 0,
    errors: errors().map((d) => ({ start: d.Start, end: d.Start + d.Length, code: d.Code })),
  };
}

function shown(query, { columns, errors }) {
  const places = new Map(errors.map((e) => [`${e.start} ${e.end}`, e]));
  const sorted = [...places.values()].sort((a, b) => a.start - b.start || a.end - b.end);
  return [
    `> ${query}`,
    `= ${(columns ?? []).map(([name, type]) => `${name}: ${type}`).join(", ")}`,
    ...sorted.map((e) => `! ${query.slice(e.start, e.end)} @${e.start}`),
  ].join("\n");
}

function main() {
  const [flag, modules, mode, file, write] = process.argv.slice(2);
  if (flag !== "--modules" || !["cases", "measure"].includes(mode))
    throw new Error("usage: bind.mjs --modules NODE_MODULES (cases FILE [--write] | measure)");
  const Kusto = loadKusto(path.resolve(modules));
  const known = members(Kusto);
  const globals = workspace(Kusto, known);
  if (mode === "measure") {
    for (const line of fs.readFileSync(0, "utf8").split("\n").filter((line) => line.trim() !== "")) {
      const { id, query } = JSON.parse(line);
      console.log(JSON.stringify({ id, query, ...measure(Kusto, known, globals, query) }));
    }
    return;
  }
  const text = fs.readFileSync(file, "utf8");
  const head = text.split("\n").filter((line) => line.startsWith("#")).join("\n");
  const cases = text.split("\n\n").map((block) => block.split("\n").filter((line) => line !== "" && !line.startsWith("#")).join("\n"))
    .filter((block) => block !== "");
  const measured = cases.map((block) => {
    const query = block.split("\n")[0].slice(2);
    return shown(query, measure(Kusto, known, globals, query));
  });
  const different = cases.filter((block, at) => block.replace(/ +$/gm, "") !== measured[at].replace(/ +$/gm, ""));
  if (write === "--write") fs.writeFileSync(file, `${head}\n\n${measured.join("\n\n")}\n`);
  for (const block of different) console.log(`differs:\n${block}\n`);
  console.log(`${cases.length} cases, ${different.length} differ`);
  process.exit(different.length > 0 && write !== "--write" ? 1 : 0);
}

main();
