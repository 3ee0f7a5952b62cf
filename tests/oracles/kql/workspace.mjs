// Microsoft's KQL parser and binder, and a workspace of the tables and saved functions in schemas/kusto.
import fs from "node:fs";
import path from "node:path";
import vm from "node:vm";
import { fileURLToPath } from "node:url";

const schemas = path.join(path.dirname(fileURLToPath(import.meta.url)), "../../../schemas/kusto");

// The library is two classic scripts that share globals; an import would isolate one from the other.
export function loadKusto(modules) {
  for (const script of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    const file = path.join(modules, "@kusto/language-service-next", script);
    vm.runInThisContext(fs.readFileSync(file, "utf8"), { filename: file });
  }
  return globalThis.Kusto.Language;
}

export const toArray = (list) => Array.from({ length: list.Count ?? list.length }, (_, i) => list.getItem?.(i) ?? list[i]);
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

export function workspace(Kusto, members) {
  const { DatabaseSymbol, Symbol } = Kusto.Symbols;
  const list = new (globalThis.System.Collections.Generic.List$1(Symbol).ctor)();
  for (const member of members) list.add(member);
  return Kusto.GlobalState.Default.WithDatabase(new DatabaseSymbol.$ctor3("workspace", null, list, false));
}

export function members(Kusto) {
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
