//! `rulec targets`: which target can say what, generated from the backends.

use std::fmt::Write;
use std::io;

use serde_json::{Value, json};

use super::console::Console;
use super::{Exit, Registry};
use crate::frontend::native;
use crate::ir::{OPERATORS, Operator};

/// How the matrix is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// A Markdown table
    Markdown,
    /// With the spelling of every operator
    Json,
    /// Not the matrix: the JSON Schema of the native form
    NativeSchema,
}

/// Show which target can say what
///
/// For every operator of the IR, what a translation to the target keeps of it on a text field: exact, wider, narrower or
/// unsupported. The JSON form also has an example of each, or the reason why there is none.
#[derive(clap::Args)]
pub(super) struct Targets {
    /// How to write the matrix
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl Targets {
    /// Prints the matrix.
    pub(super) fn run(
        &self,
        registry: Registry<'_>,
        console: &mut Console<'_>,
    ) -> io::Result<Exit> {
        console.print(&match self.format {
            Format::Text => text(registry),
            Format::Markdown => markdown(registry),
            Format::Json => format!("{:#}\n", json(registry)),
            Format::NativeSchema => format!("{:#}\n", native::json_schema()),
        })?;
        Ok(Exit::Success)
    }
}

/// The header and a row per operator.
fn matrix(registry: Registry<'_>) -> Vec<Vec<String>> {
    let supports: Vec<_> = registry
        .targets
        .iter()
        .map(|target| target.support())
        .collect();
    let names = registry
        .targets
        .iter()
        .map(|target| target.name().to_owned());
    let mut rows = vec![
        std::iter::once("operator".to_owned())
            .chain(names)
            .collect(),
    ];
    let cell = |operator: Operator, support: &[crate::backend::notation::Support]| {
        let found = support.iter().find(|cell| cell.operator == operator);
        found.map_or("-", |cell| cell.fidelity.name()).to_owned()
    };
    rows.extend(OPERATORS.iter().map(|info| {
        let cells = supports.iter().map(|support| cell(info.operator, support));
        std::iter::once(info.name.to_owned()).chain(cells).collect()
    }));
    rows
}

fn text(registry: Registry<'_>) -> String {
    let mut text = String::new();
    for target in registry.targets {
        let _ = writeln!(text, "{:12}{}", target.name(), target.description());
    }
    text.push('\n');
    for row in matrix(registry) {
        let cells: Vec<String> = row.iter().map(|cell| format!("{cell:12}")).collect();
        let _ = writeln!(text, "{}", cells.join(" ").trim_end());
    }
    text
}

fn markdown(registry: Registry<'_>) -> String {
    let mut text = String::new();
    for (at, row) in matrix(registry).iter().enumerate() {
        let _ = writeln!(text, "| {} |", row.join(" | "));
        if at == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
        }
    }
    text
}

fn json(registry: Registry<'_>) -> Value {
    let target = |target: &&dyn crate::backend::Backend| {
        let operators: serde_json::Map<String, Value> = target
            .support()
            .into_iter()
            .map(|cell| {
                let value = json!({"fidelity": cell.fidelity.name(), "example": cell.example});
                (cell.operator.name().to_owned(), value)
            })
            .collect();
        json!({"target": target.name(), "description": target.description(), "operators": operators})
    };
    registry.targets.iter().map(target).collect()
}
