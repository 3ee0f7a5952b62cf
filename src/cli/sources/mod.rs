//! `rulec sources`: the log sources that rulec knows, what each system calls them and their fields, and what rules need of them.

mod columns;
mod known;
mod lint;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use serde_json::{Value, json};

use columns::{ColumnCoverage, asked_columns};
use known::{KnownFields, Writer, known_fields};

use super::console::Console;
use super::import::{Reading, each_document};
use super::schemas::Schemas;
use super::{Exit, Registry, TextOrJson};
use crate::backend::{Context, Templates, access};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::Rule;
use crate::schema::{Crosswalk, FieldMap, LogSourceMap, SigmaSource};

/// The target whose queries read Sentinel's tables.
const QUERIES: &str = "kql";

/// The JSON Schema of log source files.
const SCHEMA: &str = include_str!("../../../schemas/schema.json");

/// How many characters a line of a terminal takes.
const TERMINAL: usize = 100;

const EXAMPLES: &str = "\
Examples:
  rulec sources                                 what is known, and what each system calls it
  rulec sources show aws.cloudtrail             one source with its fields
  rulec sources lint schemas/our.source.yml     what is wrong with a file of our own
  rulec sources coverage rules                  which fields of these rules are known, by source";

/// Show the log sources that rulec knows
///
/// A log source joins what Panther, Sentinel and Sigma call the same events, and the names and types of their fields.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Sources {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    schemas: Schemas,
    /// How to write the answer
    #[arg(long, value_enum, default_value = "text", global = true)]
    format: TextOrJson,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List the log sources (what is done without a word)
    List {
        #[command(flatten)]
        schemas: Schemas,
    },
    /// Show one log source with its fields
    Show {
        /// Its id, for example `aws.cloudtrail`
        id: String,
        #[command(flatten)]
        schemas: Schemas,
    },
    /// Find what is wrong with log source files
    Lint {
        /// The files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of log source files, for editors
    Schema,
    /// Count the fields of rules' conditions that are known in each system
    Coverage {
        /// Rule files, folders, zip archives of rules, or `-` for standard input
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        reading: Reading,
    },
}

impl Sources {
    /// Prints the answer.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let schemas = match &self.action {
            None | Some(Action::Lint { .. } | Action::Schema) => None,
            Some(Action::List { schemas } | Action::Show { schemas, .. }) => Some(schemas),
            Some(Action::Coverage { reading, .. }) => Some(&reading.schemas),
        };
        let Some(crosswalk) = self.schemas.and(schemas).crosswalk(console)? else {
            return Ok(Exit::Failure);
        };
        match &self.action {
            None | Some(Action::List { .. }) => {
                let sources: Vec<&LogSourceMap> = crosswalk.sources().collect();
                self.print(
                    console,
                    || list(&sources),
                    || sources.iter().map(|source| head(source)).collect(),
                )?;
                Ok(Exit::Success)
            }
            Some(Action::Show { id, .. }) => {
                let Some(source) = crosswalk.get(id) else {
                    let message = format!("no log source `{id}` is known");
                    let help = "`rulec sources` lists them";
                    console.complain_of(&Diagnostic::error(Code::Usage, message).help(help));
                    return Ok(Exit::Failure);
                };
                self.print(console, || show(source), || whole(source))?;
                Ok(Exit::Success)
            }
            Some(Action::Lint { files }) => lint::files(files, console),
            Some(Action::Schema) => {
                console.print(SCHEMA)?;
                Ok(Exit::Success)
            }
            Some(Action::Coverage { paths, reading }) => {
                self.coverage((paths, reading), &crosswalk, registry, console)
            }
        }
    }

    fn coverage(
        &self,
        (paths, reading): (&[PathBuf], &Reading),
        crosswalk: &Crosswalk,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let mut coverage = Coverage::default();
        let templates = Templates::builtin();
        let targets = registry.targets.iter();
        let Some(target) = targets.copied().find(|one| one.name() == QUERIES) else {
            return Ok(Exit::Failure);
        };
        let writer = Writer {
            target,
            context: &Context::new(crosswalk, &templates),
        };
        let exit = each_document(
            paths,
            reading,
            registry,
            console,
            |document| {
                document
                    .diagnostics
                    .retain(|one| !one.code.is_about_translation());
                let rules = std::mem::take(&mut document.rules);
                let known = rules.iter().map(|rule| {
                    let asked = asked_columns(rule, writer.context.crosswalk);
                    (asked, of_rule(rule, writer))
                });
                known.collect::<Vec<_>>()
            },
            |_, rules, _| {
                for (asked, rule) in rules {
                    if let Some(asked) = asked {
                        coverage.columns.add(&asked);
                    }
                    coverage.add(rule);
                }
                Ok(())
            },
        )?;
        self.print(console, || coverage.text(), || coverage.json())?;
        // A rule that is left out has no fields to count, and is no fault of the question.
        Ok(if exit == Exit::Failure {
            exit
        } else {
            Exit::Success
        })
    }

    fn print(
        &self,
        console: &mut Console<'_>,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> io::Result<()> {
        console.print(&match self.format {
            TextOrJson::Text => text(),
            TextOrJson::Json => format!("{:#}\n", json()),
        })
    }
}

/// A line for each source, with its first name in every system and how many others there are.
fn list(sources: &[&LogSourceMap]) -> String {
    let rows = sources.iter().map(|source| {
        [
            source.id.clone(),
            first(source.panther.iter().map(|named| named.name.clone())),
            first(source.table_names.iter().map(|table| table.name.clone())),
            first(source.sigma.iter().map(|named| sigma(&named.name))),
        ]
    });
    let header = ["source", "panther", "sentinel", "sigma"].map(str::to_owned);
    columns(narrowed(std::iter::once(header).chain(rows).collect()))
}

/// The first of some names, and how many others there are.
fn first(mut names: impl Iterator<Item = String>) -> String {
    match (names.next(), names.count()) {
        (None, _) => "-".to_owned(),
        (Some(name), 0) => name,
        (Some(name), others) => format!("{name} +{others}"),
    }
}

/// The rows with long cells cut so that they fit a terminal.
fn narrowed<const N: usize>(mut rows: Vec<[String; N]>) -> Vec<[String; N]> {
    let longest = |rows: &[[String; N]], at: usize| {
        let cells = rows.iter().map(|row| row[at].chars().count());
        cells.max().unwrap_or(0)
    };
    let mut widths: [usize; N] = std::array::from_fn(|at| longest(&rows, at));
    let room = TERMINAL - 2 * (N - 1);
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) => *widest -= 1,
            None => break,
        }
    }
    for (cell, width) in rows.iter_mut().flat_map(|row| row.iter_mut().zip(widths)) {
        if cell.chars().count() > width {
            *cell = cell
                .chars()
                .take(width.saturating_sub(1))
                .chain(['…'])
                .collect();
        }
    }
    rows
}

/// Rows with their cells under each other.
fn columns<const N: usize>(rows: Vec<[String; N]>) -> String {
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(widths);
        let cells: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

fn join(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "-".to_owned()
    } else {
        names.join(", ")
    }
}

fn sigma(source: &SigmaSource) -> String {
    let keys = [&source.product, &source.category, &source.service];
    let named: Vec<&str> = keys.into_iter().flatten().map(String::as_str).collect();
    named.join("/")
}

fn head(source: &LogSourceMap) -> Value {
    let table =
        |table: &crate::schema::TableName| json!({"table": table.name, "whole": table.whole});
    json!({
        "id": source.id,
        "name": source.name,
        "note": source.note,
        "time": source.time,
        "panther": source.panther.iter().map(|named| &named.name).collect::<Vec<_>>(),
        "sentinel": source.table_names.iter().map(table).collect::<Vec<_>>(),
        "sigma": source.sigma.iter().map(|named| sigma(&named.name)).collect::<Vec<_>>(),
        "ecs": source.ecs,
        "udm": source.udm,
    })
}

/// How the field is read in each table that has it.
fn readings(source: &LogSourceMap, entry: &FieldMap) -> Vec<(String, String)> {
    let tables = source.tables().iter();
    let read = tables.filter_map(|table| {
        let text = access(source, table, &entry.field).ok()?;
        Some((table.name.clone(), text))
    });
    read.collect()
}

fn show(source: &LogSourceMap) -> String {
    let mut text = format!("{} ({})\n", source.id, source.name);
    if let Some(note) = &source.note {
        let _ = writeln!(text, "{note}");
    }
    let tables = source.tables().iter().map(|table| table.name.clone());
    for (system, names) in [
        (
            "panther",
            join(source.panther.iter().map(|named| named.name.clone())),
        ),
        ("sentinel", join(tables)),
        (
            "sigma",
            join(source.sigma.iter().map(|named| sigma(&named.name))),
        ),
        ("ecs", join(source.ecs.iter().cloned())),
        ("udm", join(source.udm.iter().cloned())),
        ("time", source.time.to_string()),
    ] {
        let _ = writeln!(text, "  {system:10}{names}");
    }
    for entry in source.fields() {
        let _ = writeln!(text, "\n{}: {}", entry.field, entry.kind.name());
        for (table, reading) in readings(source, entry) {
            let _ = writeln!(text, "  {table}: {reading}");
        }
        let names = entry.sigma_names();
        let _ = writeln!(text, "  sigma: {}", join(names.cloned()));
        for (system, names) in [("ecs", &entry.ecs), ("udm", &entry.udm)] {
            if !names.is_empty() {
                let _ = writeln!(text, "  {system}: {}", names.join(", "));
            }
        }
        for (what, said) in [("vendor", &entry.vendor), ("note", &entry.note)] {
            if let Some(said) = said {
                let _ = writeln!(text, "  {what}: {said}");
            }
        }
    }
    text
}

fn whole(source: &LogSourceMap) -> Value {
    let fields = source.fields().iter().map(|entry| {
        let tables: BTreeMap<String, String> = readings(source, entry).into_iter().collect();
        let names = entry.sigma_names();
        json!({
            "field": entry.field,
            "type": entry.kind.name(),
            "sentinel": tables,
            "sigma": names.collect::<Vec<_>>(),
            "ecs": entry.ecs,
            "udm": entry.udm,
            "vendor": entry.vendor,
            "note": entry.note,
        })
    });
    let mut value = head(source);
    value["fields"] = fields.collect();
    value
}

/// A rule's name, and the fields of its condition by source.
fn of_rule(rule: &Rule, writer: Writer<'_>) -> (String, Vec<KnownFields>) {
    let metadata = &rule.metadata;
    let name = if metadata.id.is_empty() {
        &metadata.name
    } else {
        &metadata.id
    };
    (
        name.clone(),
        known_fields(rule, writer.context.crosswalk, writer),
    )
}

/// What rules need of one source.
#[derive(Debug, Default)]
struct Need {
    rules: usize,
    in_sentinel: usize,
    written: usize,
    in_sigma: usize,
    /// The rules of which no query can be written although every field is known, with the reason.
    refused: Vec<(String, String)>,
    /// The fields, with the rules that ask for each, and whether each system has it.
    fields: BTreeMap<String, (Vec<String>, bool, bool)>,
}

/// What rules need of the sources.
#[derive(Debug, Default)]
struct Coverage {
    rules: usize,
    unknown: usize,
    sources: BTreeMap<String, Need>,
    /// The columns of Sentinel's rules.
    columns: ColumnCoverage,
}

impl Coverage {
    fn add(&mut self, (name, known): (String, Vec<KnownFields>)) {
        self.rules += 1;
        self.unknown += usize::from(known.is_empty());
        for fields in known {
            let need = self.sources.entry(fields.source.clone()).or_default();
            need.rules += 1;
            need.in_sentinel += usize::from(fields.all_in_sentinel());
            need.written += usize::from(fields.is_written());
            need.in_sigma += usize::from(fields.all_in_sigma());
            if let Some(reason) = fields.refused.clone().filter(|_| fields.all_in_sentinel()) {
                need.refused.push((name.clone(), reason));
            }
            for field in fields.fields {
                let entry = need.fields.entry(field.field.to_string());
                let entry = entry.or_insert((Vec::new(), true, true));
                entry.0.push(name.clone());
                entry.1 &= field.sentinel;
                entry.2 &= field.sigma;
            }
        }
    }

    fn text(&self) -> String {
        let header = [
            "source",
            "rules",
            "mapped to sentinel",
            "written",
            "all in sigma",
            "fields",
            "in sentinel",
        ];
        let mut rows = vec![header.map(str::to_owned)];
        rows.extend(self.sources.iter().map(|(id, need)| {
            let mapped = need.fields.values().filter(|field| field.1).count();
            [
                id.clone(),
                need.rules.to_string(),
                need.in_sentinel.to_string(),
                need.written.to_string(),
                need.in_sigma.to_string(),
                need.fields.len().to_string(),
                mapped.to_string(),
            ]
        }));
        let mut text = columns(rows);
        let _ = writeln!(
            text,
            "\n{} rules, {} on sources that are not known",
            self.rules, self.unknown
        );
        for (id, need) in &self.sources {
            for (field, (rules, ..)) in need.fields.iter().filter(|(_, field)| !field.1) {
                let _ = writeln!(text, "{id}: `{field}` has no column ({})", rules.join(", "));
            }
            for (rule, reason) in &need.refused {
                let _ = writeln!(text, "{id}: {rule} is not written: {reason}");
            }
        }
        text.push_str(&self.columns.text());
        text
    }

    fn json(&self) -> Value {
        let sources = self.sources.iter().map(|(id, need)| {
            let fields = need.fields.iter().map(|(field, (rules, sentinel, sigma))| {
                json!({"field": field, "rules": rules, "sentinel": sentinel, "sigma": sigma})
            });
            json!({
                "source": id,
                "rules": need.rules,
                "rules_in_sentinel": need.in_sentinel,
                "rules_written": need.written,
                "refused": need.refused,
                "rules_in_sigma": need.in_sigma,
                "fields": fields.collect::<Vec<_>>(),
            })
        });
        json!({
            "rules": self.rules,
            "unknown": self.unknown,
            "sources": sources.collect::<Vec<_>>(),
            "columns": self.columns.json(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::TARGETS;
    use crate::frontend::FRONTENDS;
    use clap::{Args, FromArgMatches};

    fn run(arguments: &[&str]) -> (String, Exit) {
        let parser = Sources::augment_args(clap::Command::new("rulec")).no_binary_name(true);
        let matches = parser.try_get_matches_from(arguments).unwrap();
        let sources = Sources::from_arg_matches(&matches).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let registry = Registry {
            frontends: FRONTENDS,
            targets: TARGETS,
        };
        let exit = sources.run(registry, &mut Console::to(&mut out, &mut err));
        (String::from_utf8(out).unwrap(), exit.unwrap())
    }

    #[test]
    fn sources_are_listed_and_shown() {
        let (list, _) = run(&[]);
        let wide = list.lines().find(|line| line.chars().count() > TERMINAL);
        assert_eq!(wide, None);
        assert!(
            list.lines().any(|line| line.starts_with("gcp.audit ")),
            "{list}"
        );
        let (shown, _) = run(&["show", "aws.cloudtrail"]);
        assert!(shown.contains("\nuserIdentity.type: text\n  AWSCloudTrail: UserIdentityType\n"));
        let (json, _) = run(&["show", "okta.system", "--format", "json"]);
        let json: Value = serde_json::from_str(&json).unwrap();
        let field = json["fields"].as_array().unwrap().iter();
        let mut field = field.filter(|field| field["field"] == "debugContext.debugData.url");
        assert_eq!(
            field.next().unwrap()["sentinel"]["OktaV2_CL"],
            "DebugData.url"
        );
        assert_eq!(run(&["show", "no.such"]).1, Exit::Failure);
    }

    #[test]
    fn mistakes_of_a_file_are_told_with_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yml");
        let head = "schema_version: 1\nid: a\nname: A\ntime: at\nsentinel: [{table: AWSVPCFlow}]\nfields:\n";
        let text =
            format!("{head}- {{field: at, type: string, sentinel: {{AWSVPCFlow: Nothing}}}}\n");
        std::fs::write(&path, text).unwrap();
        let (said, exit) = run(&["lint", path.to_str().unwrap()]);
        assert_eq!(exit, Exit::Refused);
        assert!(said.contains("LOG002") && said.contains(":7:"), "{said}");
        std::fs::write(&path, format!("{head}- {{field: at, type: string}}\n")).unwrap();
        assert_eq!(
            run(&["lint", path.to_str().unwrap()]),
            (String::new(), Exit::Success)
        );
        assert_eq!(run(&["lint", "no-such-file.yml"]).1, Exit::Failure);
    }

    #[test]
    fn the_fields_of_rules_are_counted() {
        let rules = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/rules/panther/aws_iam_user_recon_denied"
        );
        let (counted, exit) = run(&["coverage", rules, "--format", "json"]);
        let counted: Value = serde_json::from_str(&counted).unwrap();
        assert_eq!(exit, Exit::Success);
        let source = &counted["sources"][0];
        assert_eq!(source["source"], "aws.cloudtrail");
        assert_eq!(source["rules"], source["rules_in_sentinel"]);
        let (text, _) = run(&["coverage", rules]);
        assert!(text.starts_with("source"), "{text}");
    }
}
