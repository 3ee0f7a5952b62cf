//! `rulec tables`: the tables of a rule's page.

use std::io;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};

use super::console::Console;
use super::import::{Reading, each_document};
use super::{Exit, Registry};
use crate::analysis::tables::{TABLES, Table, Tables as Page, csv, markdown, tables};
use crate::schema::AttackTable;

/// How the tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A page per rule
    Markdown,
    /// A list of typed objects
    Json,
    /// One table with its columns, or all with one line per cell
    Csv,
}

const EXAMPLES: &str = "\
Examples:
  rulec tables rules/panther/login/login.yml
  rulec tables rules --format csv --table indicators > indicators.csv
  rulec tables rules --format json | jq '.[].indicators'";

/// Show the tables of a rule: ATT&CK coverage, condition, exclusions, indicators, outputs
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Tables {
    /// Rule files, folders, zip archives of rules, or `-` for standard input
    #[arg(required = true, value_name = "RULE")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// How to write the tables
    #[arg(long, value_enum, default_value = "markdown")]
    format: Format,
    /// Only this table; several separated by commas
    #[arg(long, value_delimiter = ',', value_name = "NAME", value_parser = names())]
    table: Vec<String>,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(
        TABLES
            .iter()
            .map(|table| PossibleValue::new(table.name()).help(table.heading())),
    )
}

impl Tables {
    /// Prints the tables.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        let mut pages: Vec<Page> = Vec::new();
        let exit = each_document(
            &self.paths,
            &self.reading,
            registry,
            console,
            |document| {
                let (rules, attack) = (std::mem::take(&mut document.rules), AttackTable::builtin());
                let pages = rules.iter().map(|rule| tables(rule, attack));
                pages.collect::<Vec<Page>>()
            },
            |_, made, _| {
                pages.extend(made);
                Ok(())
            },
        )?;
        console.print(&self.render(&pages)?)?;
        Ok(exit)
    }

    fn render(&self, pages: &[Page]) -> io::Result<String> {
        let only: Vec<Table> = TABLES
            .iter()
            .copied()
            .filter(|table| self.table.iter().any(|name| name == table.name()))
            .collect();
        Ok(match (self.format, only.as_slice()) {
            (Format::Markdown, only) => {
                let rendered: Vec<String> = pages
                    .iter()
                    .map(|page| markdown::render(page, only))
                    .collect();
                rendered.join("\n")
            }
            (Format::Json, only) => {
                let values = pages.iter().map(|page| json(page, only));
                format!("{:#}\n", values.collect::<io::Result<serde_json::Value>>()?)
            }
            (Format::Csv, [table]) => csv::render_table(pages, *table),
            (Format::Csv, only) => csv::render(pages, only),
        })
    }
}

/// The page as JSON; with `only`, those of its keys that belong to the tables.
fn json(page: &Page, only: &[Table]) -> io::Result<serde_json::Value> {
    let mut value = serde_json::to_value(page).map_err(io::Error::other)?;
    if let Some(map) = value.as_object_mut().filter(|_| !only.is_empty()) {
        map.retain(|key, _| {
            ["id", "rule"].contains(&key.as_str())
                || only.iter().any(|table| {
                    key == table.name() || (*table == Table::Stages && key == "parameters")
                })
        });
    }
    Ok(value)
}
