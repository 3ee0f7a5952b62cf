//! The tables of a page as headed sections: what every renderer lays out, in the order and the words of the page.

use serde::Serialize;

use super::{ConditionListing, Tables};
use crate::analysis::{Exclusion, Indicator, IndicatorValue};

/// A table of the page, as `--table` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sections' own names")]
pub enum Table {
    Attack,
    Stages,
    Condition,
    Exclusions,
    Indicators,
    Outputs,
    Aggregates,
    Threshold,
    Entities,
    Details,
}

/// Every table, in the order of the page.
pub const TABLES: &[Table] = &[
    Table::Attack,
    Table::Stages,
    Table::Condition,
    Table::Exclusions,
    Table::Indicators,
    Table::Outputs,
    Table::Aggregates,
    Table::Threshold,
    Table::Entities,
    Table::Details,
];

impl Table {
    /// The name, as `--table` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::Stages => "stages",
            Self::Condition => "condition",
            Self::Exclusions => "exclusions",
            Self::Indicators => "indicators",
            Self::Outputs => "outputs",
            Self::Aggregates => "aggregates",
            Self::Threshold => "threshold",
            Self::Entities => "entities",
            Self::Details => "details",
        }
    }

    /// The heading on the page.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Attack => "ATT&CK coverage",
            Self::Stages => "Stages and Predicates",
            Self::Condition => "Condition",
            Self::Exclusions => "Exclusions",
            Self::Indicators => "Indicators",
            Self::Outputs => "Output fields",
            Self::Aggregates => "Aggregates",
            Self::Threshold => "Threshold",
            Self::Entities => "Entities",
            Self::Details => "Custom details",
        }
    }
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Words(String),
    /// Values of the rule, shown as code.
    Values(Vec<String>),
}

impl Cell {
    fn value(text: &str) -> Self {
        if text.is_empty() {
            Self::Values(Vec::new())
        } else {
            Self::Values(vec![text.to_owned()])
        }
    }
}

/// What a section holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Rows under column names.
    Grid {
        /// The columns' names.
        columns: Vec<&'static str>,
        /// The rows, each as long as the columns.
        rows: Vec<Vec<Cell>>,
    },
    /// Texts as written, each under a heading of its own.
    Blocks(Vec<(String, String)>),
    /// Lines of the text form.
    Lines(Vec<String>),
}

impl Body {
    fn is_empty(&self) -> bool {
        match self {
            Self::Grid { rows, .. } => rows.is_empty(),
            Self::Blocks(blocks) => blocks.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
        }
    }
}

/// A headed section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Which.
    pub table: Table,
    /// Its rows.
    pub body: Body,
    /// What stands below them.
    pub notes: Vec<String>,
}

impl Tables {
    /// The sections in the order of the page, empty ones left out.
    pub fn sections(&self) -> Vec<Section> {
        let section = |table| Section {
            table,
            body: self.body(table),
            notes: match table {
                Table::Condition => notes(&self.condition),
                _ => Vec::new(),
            },
        };
        let all = TABLES.iter().copied().map(section);
        all.filter(|section| !section.body.is_empty()).collect()
    }

    fn body(&self, table: Table) -> Body {
        match table {
            Table::Attack => self.attack_rows(),
            Table::Stages => Body::Blocks(self.blocks()),
            Table::Condition => Body::Lines(self.condition.lines.clone()),
            Table::Exclusions => grid(
                &["Field", "Kind", "Excluded values"],
                self.exclusions.iter().flat_map(exclusion_rows),
            ),
            Table::Indicators => grid(
                &["Field", "Kind", "Values"],
                self.indicators.iter().map(|indicator| row(indicator, "")),
            ),
            Table::Outputs => self.output_rows(),
            Table::Aggregates => named(&["Name", "Value"], &self.aggregates),
            Table::Threshold => grid(
                &["Measure", "Count", "Window", "Group by"],
                self.threshold.iter().map(|row| {
                    vec![
                        Cell::Words(row.measure.clone()),
                        Cell::Words(row.count.clone()),
                        Cell::Words(row.window.clone()),
                        Cell::Values(row.group_by.clone()),
                    ]
                }),
            ),
            Table::Entities => grid(
                &["Entity", "Identifier", "Source"],
                self.entities.iter().map(|row| {
                    vec![
                        Cell::Words(row.kind.clone()),
                        Cell::Words(row.identifier.clone()),
                        Cell::value(&row.source),
                    ]
                }),
            ),
            Table::Details => named(&["Name", "Source"], &self.details),
        }
    }

    fn attack_rows(&self) -> Body {
        let rows = self.attack.iter().map(|row| {
            let techniques = row.techniques.iter().map(|technique| {
                format!("{} {}", technique.id, technique.name)
                    .trim_end()
                    .to_owned()
            });
            vec![
                Cell::Words(row.tactic.clone()),
                Cell::Words(techniques.collect::<Vec<_>>().join(", ")),
            ]
        });
        grid(&["Tactic", "Techniques"], rows)
    }

    fn blocks(&self) -> Vec<(String, String)> {
        let mut blocks = Vec::new();
        if !self.parameters.is_empty() {
            blocks.push(("Parameters".to_owned(), self.parameters.join("\n")));
        }
        let stages = self.stages.iter().enumerate();
        blocks.extend(stages.map(|(at, stage)| {
            (
                format!("Stage {}: {}", at + 1, stage.operator),
                stage.text.clone(),
            )
        }));
        blocks
    }

    /// A page whose fields all have their own name needs no column for the source.
    fn output_rows(&self) -> Body {
        let field = |name: &str| Cell::value(name);
        if self.outputs.iter().all(|row| row.source.is_empty()) {
            return grid(
                &["Field"],
                self.outputs.iter().map(|row| vec![field(&row.field)]),
            );
        }
        let pipeline = !self.stages.is_empty();
        let rows = self.outputs.iter().map(|row| {
            let source = if pipeline {
                Cell::Words(row.source.clone())
            } else {
                Cell::value(&row.source)
            };
            vec![field(&row.field), source]
        });
        grid(&["Field", "Source"], rows)
    }
}

fn grid(columns: &[&'static str], rows: impl Iterator<Item = Vec<Cell>>) -> Body {
    Body::Grid {
        columns: columns.to_vec(),
        rows: rows.collect(),
    }
}

fn named(columns: &[&'static str], values: &[crate::analysis::NamedValue]) -> Body {
    let rows = values
        .iter()
        .map(|value| vec![Cell::value(&value.name), Cell::value(&value.value)]);
    grid(columns, rows)
}

fn row(indicator: &Indicator, lead: &str) -> Vec<Cell> {
    let field = if lead.is_empty() {
        Cell::value(&indicator.field)
    } else {
        Cell::Words(format!("{lead} {}", indicator.field))
    };
    vec![
        field,
        Cell::Words(indicator.shown_kind()),
        Cell::Values(indicator.values.iter().map(IndicatorValue::shown).collect()),
    ]
}

/// The rows of one exclusion: the parts that suppress only together follow the first one with an `and`.
fn exclusion_rows(exclusion: &Exclusion) -> Vec<Vec<Cell>> {
    match exclusion {
        Exclusion::Predicates(parts) => parts
            .iter()
            .enumerate()
            .map(|(at, part)| row(part, if at == 0 { "" } else { "and" }))
            .collect(),
        Exclusion::Condition(text) => vec![vec![
            Cell::Words(String::new()),
            Cell::Words("condition".to_owned()),
            Cell::value(text),
        ]],
    }
}

fn notes(condition: &ConditionListing) -> Vec<String> {
    let mut notes = Vec::new();
    match condition.implied {
        0 => {}
        1 => notes.push(
            "1 further predicate follows from the source language (a guard against a missing value or a wrong type) and is \
             not listed."
                .to_owned(),
        ),
        many => notes.push(format!(
            "{many} further predicates follow from the source language (guards against missing values and wrong types) and \
             are not listed."
        )),
    }
    if !condition.residue.is_empty() {
        notes.push(format!(
            "The rule has parts that no condition can express: {}.",
            condition.residue.join("; ").replace('\n', " ")
        ));
    }
    notes
}
