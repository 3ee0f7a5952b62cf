//! The IR to the text of a target, one file or folder per target.
//!
//! A backend spells predicates as [`Fragment`](fragment::Fragment)s through its [`Notation`](notation::Notation);
//! [`print`](notation::print()) joins them and is the only code that writes grouping parentheses. Document layout is in
//! `templates/<target>/`. Everything a backend cannot say exactly goes into the [`Report`]; a part of the condition that it
//! cannot say at all means no artifact.

mod assume;
pub mod fragment;
mod kql;
mod kusto;
mod names;
mod native;
pub mod notation;
mod panther;
mod render;
mod sentinel;
mod sigma;
mod simplify;
mod spread;
mod survey;
mod unmapped;
mod without;
mod yaml;

pub use kql::Kql;
pub use kusto::access;
pub use native::Native;
pub use panther::Panther;
pub(crate) use render::environment;
pub use render::{TemplateError, Templates, yaml_scalar};
pub use sentinel::Sentinel;
pub(crate) use sentinel::iso8601;
pub use sigma::Sigma;
pub use spread::Legs;
pub use unmapped::{Approximate, Unmapped};

use std::path::PathBuf;

use serde_json::Value;

use crate::analysis::Report;
use crate::ir::{Correlation, Rule};
use crate::schema::{Crosswalk, LogSourceMap};

/// A file that a backend emits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path, relative to the rule's folder.
    pub path: PathBuf,
    /// Its text; ends with a line end.
    pub text: String,
}

/// Why nothing is known of what a member of a correlation matches.
fn not_at_hand(correlation: &Correlation, at: usize) -> String {
    let rule = correlation
        .members
        .get(at)
        .map_or("", |member| &member.rule);
    let reason = match correlation.compared(at).first() {
        Some(field) => format!(
            ", is a correlation itself, or has `{field}`, which is compared, in its alerts and not in its events"
        ),
        None => " or is a correlation itself".to_owned(),
    };
    format!("the rule `{rule}` is not at hand: it is none of the inputs{reason}")
}

/// What a backend may ask for besides the rule.
#[derive(Clone, Copy, Debug)]
pub struct Context<'c> {
    /// Names and columns of log sources.
    pub crosswalk: &'c Crosswalk,
    /// The document templates.
    pub templates: &'c Templates,
    /// What becomes of fields that the target has no name for.
    pub unmapped: Unmapped,
    /// What becomes of a condition with such a field.
    pub approximate: Approximate,
    /// What becomes of a rule on several tables.
    pub tables: Tables,
    /// The form of its documents, where the target has more than one.
    pub style: Style,
    /// What is known of the rule for each of its log sources, where several targets ask for it.
    pub legs: Option<&'c Legs<'c>>,
}

impl<'c> Context<'c> {
    /// Without leave to approximate.
    pub fn new(crosswalk: &'c Crosswalk, templates: &'c Templates) -> Self {
        Self {
            crosswalk,
            templates,
            unmapped: Unmapped::default(),
            approximate: Approximate::default(),
            tables: Tables::default(),
            style: Style::default(),
            legs: None,
        }
    }
}

/// The form in which a target writes its documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// The one that people write.
    #[default]
    Usual,
    /// A resource in a deployment template of Azure Resource Manager.
    Arm,
    /// A document without code beside it, where the rule fits its grammar.
    Simple,
}

/// What becomes of a rule whose events stand in several tables of the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tables {
    /// A rule for each table, and one on all of them where events are counted.
    #[default]
    AsNeeded,
    /// A rule for each table.
    Split,
    /// One rule on all of them.
    Union,
}

/// What came of one rule for one target.
#[derive(Clone, Debug, Default)]
pub struct Translation {
    /// The files; none where the condition could not be expressed.
    pub artifacts: Vec<Artifact>,
    /// What was kept.
    pub report: Report,
}

/// The events that a target's rules are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// Those that the rule is about, whatever the types of their values.
    Any,
    /// Those whose values have the types that the log source gives.
    Typed,
    /// The rows that the log source's tables have of them.
    Rows,
}

/// One target.
pub trait Backend: Sync {
    /// The name, as `--to` takes it and as its template folder is called.
    fn name(&self) -> &'static str;

    /// One line for people.
    fn description(&self) -> &'static str;

    /// The target's files for a rule in normal form.
    fn emit(&self, rule: &Rule, context: &Context<'_>) -> Translation;

    /// Whether the keys that a rule of this format brought along have a place in its files, or its files have no keys at all.
    fn holds_keys_of(&self, format: &str) -> bool {
        format == self.name()
    }

    /// The forms that it writes besides the usual one.
    fn styles(&self) -> &'static [Style] {
        &[]
    }

    /// The events that the target's rules are about.
    fn events(&self) -> Events {
        Events::Any
    }

    /// An event of the log source as an engine that runs the target's rules gets it: under the names that the rules use.
    fn given(&self, _source: Option<&LogSourceMap>, event: &Value) -> Value {
        event.clone()
    }

    /// How the target spells each operator, for the generated support matrix: the fidelity and an example.
    fn support(&self) -> Vec<notation::Support>;
}

/// Every target. The command line, the tests and the support matrix iterate it.
pub const TARGETS: &[&dyn Backend] = &[&Panther, &Sentinel, &Kql, &Sigma, &Native];

/// The target with this name.
pub fn target(name: &str) -> Option<&'static dyn Backend> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}

/// A file name for a rule: its slug, else its id or name; lower case, words joined by `_`, never empty.
pub fn file_stem(rule: &Rule) -> String {
    let metadata = &rule.metadata;
    let readable = match (&metadata.slug, &metadata.id) {
        (slug, _) if !slug.is_empty() => slug,
        (_, id) if !id.is_empty() && !is_guid(id) => id,
        _ => &metadata.name,
    };
    let mut stem = String::new();
    let mut previous_lower = false;
    for c in readable.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && previous_lower {
                stem.push('_');
            }
            previous_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
            stem.push(c.to_ascii_lowercase());
        } else {
            previous_lower = false;
            if !stem.is_empty() && !stem.ends_with('_') {
                stem.push('_');
            }
        }
    }
    let stem = stem.trim_matches('_');
    if stem.is_empty() {
        "rule".to_owned()
    } else {
        stem.to_owned()
    }
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
