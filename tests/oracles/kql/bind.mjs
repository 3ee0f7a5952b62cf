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
import { loadKusto, members, toArray, workspace } from "./workspace.mjs";

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
