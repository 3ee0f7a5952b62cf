// Asks Microsoft's own KQL parser and binder about the emitted queries, and checks what a Sentinel rule maps from them.
//
//   node tests/oracles/kql/check.mjs --modules NODE_MODULES CASES
//
// CASES is what `rulec verify --cases` wrote. Each artifact is a bare query (.kql) or a Sentinel rule (.yaml). A query has to be free of
// syntax and semantic errors against the tables and saved functions in schemas/kusto; a column that a rule maps has to be in the query's
// result; what Sentinel refuses at deployment is a complaint, too. A line {"complaints": [...]} for each line of CASES.
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import { createRequire } from "node:module";
import { loadKusto, members, toArray, workspace } from "./workspace.mjs";

function position(text, offset) {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${before.at(-1).length + 1}`;
}

// The complaints about a query, and the columns of its result. A custom log that nobody has published has any columns.
function analyse(Kusto, { known, globals }, query) {
  const names = new Set(known.map((member) => member.Name));
  const custom = [...new Set(query.match(/\b\w+_CL\b/g) ?? [])].filter((name) => !names.has(name));
  const open = Kusto.Symbols.TableSymbol.From("(TimeGenerated: datetime)").WithIsOpen(true);
  const all = custom.length === 0 ? globals : workspace(Kusto, [...known, ...custom.map((name) => open.WithName(name))]);
  const code = Kusto.KustoCode.ParseAndAnalyze(query, all);
  const syntax = new Set(toArray(code.GetSyntaxDiagnostics()).map((d) => `${d.Code} ${d.Start}`));
  const complaints = toArray(code.GetDiagnostics())
    .filter((d) => d.Severity === "Error")
    .map((d) => {
      const kind = syntax.has(`${d.Code} ${d.Start}`) ? "syntax" : "semantic";
      return `query ${position(query, d.Start)}: ${kind} error ${d.Code}: ${d.Message}`;
    });
  const columns = code.ResultType?.Columns ? toArray(code.ResultType.Columns).map((c) => c.Name) : [];
  if (columns.length === 0 && !code.ResultType?.IsOpen) complaints.push("query: the result is not a table");
  return { complaints, columns, open: Boolean(code.ResultType?.IsOpen) };
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

function complaintsOf(Kusto, globals, yaml, { path: name, text }) {
  let rule = null;
  const found = [];
  if (name.endsWith(".yaml")) {
    const document = yaml.parseDocument(text);
    found.push(...[...document.errors, ...document.warnings].map((error) => error.message));
    if (document.errors.length > 0) return found;
    rule = document.toJS();
    found.push(...formComplaints(rule));
    if (typeof rule?.query !== "string") return found;
  }
  const { complaints, columns, open } = analyse(Kusto, globals, rule?.query ?? text);
  found.push(...complaints);
  for (const [place, column] of rule ? mappedColumns(rule) : [])
    if (!open && !columns.includes(column)) found.push(`${place}: no column ${column} in the result (${columns.join(", ")})`);
  return found;
}

async function main() {
  const [flag, modules, cases] = process.argv.slice(2);
  if (flag !== "--modules" || !cases) throw new Error("usage: check.mjs --modules NODE_MODULES CASES");
  const yaml = createRequire(path.join(path.resolve(modules), "any.js"))("yaml");
  const Kusto = loadKusto(path.resolve(modules));
  const known = members(Kusto);
  const globals = { known, globals: workspace(Kusto, known) };
  for await (const line of readline.createInterface({ input: fs.createReadStream(cases) })) {
    const artifacts = JSON.parse(line).artifacts.filter(({ path: name }) => /\.(kql|yaml)$/.test(name));
    const complaints = artifacts.flatMap((artifact) => complaintsOf(Kusto, globals, yaml, artifact));
    console.log(JSON.stringify({ complaints }));
  }
}

main();
