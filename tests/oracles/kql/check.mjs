// Asks Microsoft's own KQL parser and binder about the emitted queries, and checks what a Sentinel rule maps from them.
//
//   node tests/oracles/kql/check.mjs --modules NODE_MODULES FOLDER COUNT...
//
// Each FOLDER holds either bare queries (.kql) or Sentinel rules (.yaml), COUNT of them. A query has to be free of syntax
// and semantic errors against the tables in tables.json; a column that a rule maps has to be in the query's result.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

function readArguments(words) {
  const usage = "usage: check.mjs --modules NODE_MODULES FOLDER COUNT...";
  if (words[0] !== "--modules" || words.length < 4 || words.length % 2 !== 0) throw new Error(usage);
  const sets = [];
  for (let i = 2; i < words.length; i += 2) sets.push({ folder: words[i], count: Number(words[i + 1]) });
  return { modules: path.resolve(words[1]), sets };
}

// The library is two classic scripts that share globals; an import would isolate one from the other.
function loadKusto(modules) {
  for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = path.join(modules, "@kusto/language-service-next", script);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  }
  return globalThis.Kusto.Language;
}

const toArray = (list) => Array.from({ length: list.Count ?? list.length }, (_, i) => list.getItem?.(i) ?? list[i]);

function workspace(Kusto, tables) {
  const { TableSymbol, DatabaseSymbol, Symbol } = Kusto.Symbols;
  const members = new (globalThis.System.Collections.Generic.List$1(Symbol).ctor)();
  for (const [name, columns] of Object.entries(tables)) {
    const schema = Object.entries(columns).map(([column, type]) => `${column}: ${type}`).join(", ");
    members.add(TableSymbol.From(`(${schema})`).WithName(name));
  }
  return Kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor3("workspace", null, members, false));
}

function position(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${before.at(-1).length + 1}`;
}

// The complaints about a query, and the columns of its result.
function analyse(Kusto, globals, query) {
  const code = Kusto.KustoCode.ParseAndAnalyze(query, globals);
  const syntax = new Set(toArray(code.GetSyntaxDiagnostics()).map((d) => `${d.Code} ${d.Start}`));
  const complaints = toArray(code.GetDiagnostics())
    .filter((d) => d.Severity === "Error")
    .map((d) => {
      const kind = syntax.has(`${d.Code} ${d.Start}`) ? "syntax" : "semantic";
      return `query ${position(query, d.Start)}: ${kind} error ${d.Code}: ${d.Message}`;
    });
  const columns = code.ResultType?.Columns ? toArray(code.ResultType.Columns).map((c) => c.Name) : [];
  if (columns.length === 0) complaints.push("query: the result is not a table");
  return { complaints, columns };
}

// Every column that a rule takes from its result, with the place that names it.
function mappedColumns(rule) {
  const found = [];
  for (const [i, entity] of (rule.entityMappings ?? []).entries())
    for (const field of entity.fieldMappings) found.push([`entityMappings[${i}].${field.identifier}`, field.columnName]);
  for (const [name, column] of Object.entries(rule.customDetails ?? {})) found.push([`customDetails.${name}`, column]);
  for (const [key, value] of Object.entries(rule.alertDetailsOverride ?? {})) {
    const place = `alertDetailsOverride.${key}`;
    if (key.endsWith("Format")) for (const [, column] of value.matchAll(/\{\{(.*?)\}\}/g)) found.push([place, column]);
    else if (key.endsWith("ColumnName")) found.push([place, value]);
    else for (const property of value) found.push([`${place}.${property.alertProperty}`, property.value]);
  }
  return found;
}

// What Sentinel refuses at deployment.
function* formComplaints(rule) {
  const required = ["id", "name", "description", "severity", "query", "kind", "version"];
  if (rule.kind === "Scheduled") required.push("queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold");
  for (const key of required) if (rule[key] === undefined || rule[key] === null) yield `${key} is missing`;
  const oneOf = {
    severity: ["Informational", "Low", "Medium", "High"],
    kind: ["Scheduled", "NRT"],
    triggerOperator: ["gt", "lt", "eq", "ne"],
  };
  for (const [key, values] of Object.entries(oneOf))
    if (rule[key] !== undefined && !values.includes(rule[key])) yield `${key} is ${rule[key]}, not one of ${values}`;
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(rule.id)) yield `id is no GUID: ${rule.id}`;
  if (rule.query?.length > 10000) yield `query has ${rule.query.length} characters, more than 10000`;
  if (rule.entityMappings?.length > 10) yield "more than 10 entity mappings";
  for (const entity of rule.entityMappings ?? [])
    if (entity.fieldMappings.length > 3) yield `more than 3 identifiers for one ${entity.entityType}`;
  const details = Object.keys(rule.customDetails ?? {});
  if (details.length > 20) yield "more than 20 custom details";
  for (const name of details) if (!/^[A-Za-z][A-Za-z0-9_]{0,19}$/.test(name)) yield `customDetails.${name} is no valid name`;
  for (const [key, value] of Object.entries(rule.alertDetailsOverride ?? {}))
    if (key.endsWith("Format") && (value.match(/\{\{/g) ?? []).length > 3)
      yield `more than 3 placeholders in alertDetailsOverride.${key}`;
}

function main() {
  const { modules, sets } = readArguments(process.argv.slice(2));
  const yaml = createRequire(path.join(modules, "any.js"))("yaml");
  const Kusto = loadKusto(modules);
  const globals = workspace(Kusto, JSON.parse(fs.readFileSync(path.join(here, "tables.json"), "utf8")));

  let failed = false;
  const complain = (where, what) => {
    failed = true;
    console.log(`${where}: ${what}`);
  };
  const counts = { rules: 0, queries: 0, mapped: 0 };

  for (const { folder, count } of sets) {
    const names = fs.readdirSync(folder, { recursive: true }).filter((name) => /\.(kql|yaml)$/.test(name)).sort();
    if (names.length !== count) complain(folder, `expected ${count} files, found ${names.length}`);
    for (const name of names) {
      const text = fs.readFileSync(path.join(folder, name), "utf8");
      let rule = null;
      if (name.endsWith(".yaml")) {
        const document = yaml.parseDocument(text);
        for (const error of [...document.errors, ...document.warnings]) complain(name, error.message);
        if (document.errors.length > 0) continue;
        rule = document.toJS();
        for (const complaint of formComplaints(rule)) complain(name, complaint);
        if (typeof rule?.query !== "string") continue;
        counts.rules += 1;
      } else counts.queries += 1;

      const { complaints, columns } = analyse(Kusto, globals, rule?.query ?? text);
      for (const complaint of complaints) complain(name, complaint);
      for (const [place, column] of rule ? mappedColumns(rule) : []) {
        counts.mapped += 1;
        if (!columns.includes(column)) complain(name, `${place}: no column ${column} in the result (${columns.join(", ")})`);
      }
    }
  }
  if (failed) process.exit(1);
  console.log(
    `${counts.rules} rules, ${counts.queries} bare queries, 0 syntax errors, 0 semantic errors, ` +
      `${counts.mapped} mapped columns in the result`,
  );
}

main();
