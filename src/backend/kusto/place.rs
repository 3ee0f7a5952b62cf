//! Where a rule's events stand: the table, and the expression for each field of an event in it.
//!
//! Fields are resolved in the vendor's own spelling, because Kusto's names are case-sensitive and Panther's are not. A source
//! without a table, and a field without a column, are errors that name what is missing and what comes close.

use std::borrow::Cow;

use super::besides::Others;
use super::collected::entry;
use super::column::{
    below, column_value, constant_value, made_column, missing, own_column, passed_column,
    published_value,
};
use super::quote;
use super::spelt::Spelt;
use super::value::{Blank, Kind, Value, verdict};
use crate::analysis::{Fidelity, Report, What};
use crate::backend::assume::{Way, assume, item_of_walk, walked};
use crate::backend::fragment::{ATOM, Fragment};
use crate::backend::unmapped::{Missing, name_of};
use crate::backend::{Approximate, Context, Unmapped};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{Condition, FieldPath, Literal, LogSource, Object, Predicate, Rule, Term};
use crate::schema::{Access, Column, FieldType, LogSourceMap, TableMap};

/// The format whose rules name Kusto's tables and columns themselves.
pub(in crate::backend) const OWN_FORMAT: &str = "sentinel";

/// The same of queries in files of their own.
pub(super) const BARE_FORMAT: &str = "kql";

/// The query that the rule came with, if it came with one of this language.
pub(in crate::backend) fn own_query(rule: &Rule) -> Option<&str> {
    let preserved = &rule.preserved;
    let own = preserved.format == OWN_FORMAT;
    preserved.keys.get("query").filter(|_| own)?.as_str()
}

/// The table of a rule.
#[derive(Clone, Copy, Debug)]
pub(in crate::backend) struct Place<'c> {
    /// Its name.
    pub(in crate::backend) table: &'c str,
    /// What the crosswalk knows of it.
    pub(super) known: Option<(&'c LogSourceMap, &'c TableMap)>,
    /// Of columns that hold the same, those that the rule reads.
    kept: &'c [String],
    /// Whether the rule was written for Kusto, so that a name without a field is a column of its own.
    pub(super) own_names: bool,
    /// What the rule is called in messages.
    pub(super) rule: &'c str,
    /// What becomes of fields without a column.
    pub(super) unmapped: Unmapped,
    /// What becomes of a condition with such a field.
    pub(super) approximate: Approximate,
}

/// Why a field has no expression.
#[derive(Clone, Debug)]
pub(super) enum Gap {
    /// No column holds it.
    Unmapped(Box<Missing>),
    /// A column holds it, in a way that no expression here reads.
    Unreadable(String),
}

impl Gap {
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Unmapped(missing) => missing.reason(),
            Self::Unreadable(reason) => reason.clone(),
        }
    }
}

impl<'c> Place<'c> {
    /// The table of a log source that the crosswalk knows.
    pub(in crate::backend) fn known(source: &'c LogSourceMap, table: &'c TableMap) -> Self {
        Self {
            table: &table.name,
            known: Some((source, table)),
            kept: &[],
            own_names: false,
            rule: "",
            unmapped: Unmapped::default(),
            approximate: Approximate::default(),
        }
    }

    /// What the crosswalk knows of the log source.
    pub(super) fn source(&self) -> Option<&'c LogSourceMap> {
        self.known.map(|(source, _)| source)
    }

    /// The one table that the rule's events stand in; the report says why there is none.
    pub(in crate::backend) fn of(
        rule: &'c Rule,
        context: &Context<'c>,
        report: &mut Report,
    ) -> Option<Self> {
        let mut place: Option<Self> = None;
        for source in &rule.log_sources {
            let Some(found) = Self::of_source(source, rule, context) else {
                continue;
            };
            match &place {
                None => place = Some(found),
                Some(first) if first.table != found.table => {
                    let reason = format!(
                        "the rule reads `{}` and `{}`, and a query here reads one table",
                        first.table, found.table
                    );
                    report.refuse(format!("source {source}"), rule.origin, reason);
                    return None;
                }
                Some(_) => {}
            }
        }
        for source in &rule.log_sources {
            if Self::of_source(source, rule, context).is_some() {
                continue;
            }
            match &place {
                None => report.diagnostics.push(unknown_source(source, rule)),
                Some(place) => report.record(
                    Fidelity::Narrower,
                    format!("source {source}"),
                    rule.origin,
                    format!(
                        "it has no table; only the events in `{}` are read",
                        place.table
                    ),
                ),
            }
        }
        if let Some(place) = &place {
            place.passed_over(rule, report);
        }
        if rule.log_sources.is_empty() {
            let message = "the rule names no log source, so there is no table to read";
            report
                .diagnostics
                .push(Diagnostic::error(Code::UnmappedSource, message).at(rule.origin));
        }
        place
    }

    fn of_source(source: &'c LogSource, rule: &'c Rule, context: &Context<'c>) -> Option<Self> {
        match source {
            LogSource::Known(name) => {
                let map = context.crosswalk.of(source)?;
                let own_names = super::is_own(rule);
                let table = match &name.table {
                    Some(table) => map.table(table)?,
                    // A query that names no other is one over the preferred table.
                    None if own_names => map.preferred_table()?,
                    None => map.table_with_fields(rule)?,
                };
                Some(Self {
                    kept: &name.columns,
                    own_names,
                    rule: name_of(rule),
                    unmapped: context.unmapped,
                    approximate: context.approximate,
                    ..Self::known(map, table)
                })
            }
            LogSource::Unknown { format, name } if format == OWN_FORMAT => Some(Self {
                table: name,
                known: None,
                kept: &[],
                own_names: true,
                rule: name_of(rule),
                unmapped: context.unmapped,
                approximate: context.approximate,
            }),
            LogSource::Resource { .. } | LogSource::Unknown { .. } => None,
        }
    }

    /// Says where a table that is not the preferred one is read, because that one lacks a field of the selection.
    fn passed_over(&self, rule: &Rule, report: &mut Report) {
        let Some((source, table)) = self.known.filter(|_| !self.own_names) else {
            return;
        };
        if let Some(preferred) = source.tables_for(&rule.selection).first()
            && preferred.name != table.name
        {
            let message = format!(
                "`{}` is read, because `{}` has not all fields that the rule asks for",
                table.name, preferred.name
            );
            let note = Diagnostic::note(Code::UnmappedField, message).at(rule.origin);
            report.diagnostics.push(note);
        }
    }

    /// The connector that fills the table.
    pub(in crate::backend) fn connector(&self) -> Option<&'c str> {
        let (_, table) = self.known?;
        (!table.connector.is_empty()).then_some(table.connector.as_str())
    }

    /// The things in the world that the table's events name.
    pub(in crate::backend) fn entities(&self) -> &'c [(String, Vec<(String, FieldPath)>)] {
        self.known.map_or(&[], |(source, _)| &source.entities)
    }

    /// The columns that the rule reads of those that the table makes of fields, each with its term.
    pub(super) fn made(&self) -> Vec<(Term, Value)> {
        let Some((_, table)) = self.known else {
            return Vec::new();
        };
        let made = table.made_as(self.kept);
        made.map(|made| (made.term.clone(), made_column(&made.column)))
            .collect()
    }

    /// Whether the table is known to have this column.
    pub(super) fn has_column(&self, name: &str) -> bool {
        self.known
            .is_some_and(|(_, table)| table.column(name).is_some())
    }

    /// Whether the path is the field that holds the time of the event.
    pub(super) fn is_time(&self, path: &FieldPath) -> bool {
        self.known
            .is_some_and(|(source, _)| source.canonical(path) == source.time)
    }

    /// The path as the source's records spell it.
    pub(super) fn canonical(&self, path: &FieldPath) -> FieldPath {
        match self.known {
            Some((source, _)) => source.canonical(path),
            None => path.clone(),
        }
    }

    /// The way of a walk below the keys, as far as the source's types tell it.
    pub(super) fn way(&self, keys: &[Literal]) -> Option<Way> {
        self.known.and_then(|(source, _)| Way::below(source, keys))
    }

    /// The field that every item of a walk's list is.
    pub(super) fn item_of_walk(&self, walk: &Term) -> Option<FieldPath> {
        self.known
            .and_then(|(source, _)| item_of_walk(source, walk))
    }

    /// What a walk with these arguments finds, where it leads through objects alone.
    pub(super) fn walked(&self, arguments: &[Term]) -> Option<Term> {
        self.known.and_then(|(source, _)| walked(source, arguments))
    }

    /// The type of a field in the event; `Any` where it is not known.
    pub(super) fn kind(&self, path: &FieldPath) -> FieldType {
        self.known.map_or(FieldType::Any, |(source, _)| {
            source.kind(&source.canonical(path))
        })
    }

    /// The condition with what the types of the source's fields answer by themselves.
    pub(super) fn assume(&self, condition: &Condition) -> Condition {
        let known = self.known.filter(|_| !self.own_names);
        let assumed = known.and_then(|(source, _)| assume(source, condition));
        assumed.unwrap_or_else(|| condition.clone())
    }

    /// The events of other sources that the table has besides. A rule that was written for the table means them all.
    pub(super) fn besides(&self) -> Option<Others<'c>> {
        let (source, table) = self.known.filter(|_| !self.own_names)?;
        Some(Others::new(source, table.besides.as_ref()?))
    }

    /// How a field is reached in the table, by the column that the rule reads it in where several hold the same.
    fn access(&self, table: &'c TableMap, path: &FieldPath) -> Access<'c> {
        match table.access(path) {
            Access::Column(column) => Access::Column(table.kept(column, self.kept)),
            Access::Below(column, steps) => Access::Below(table.kept(column, self.kept), steps),
            other => other,
        }
    }

    /// The expression for a field.
    pub(super) fn field(&self, path: &FieldPath) -> Result<Value, Gap> {
        let Some((source, table)) = self.known else {
            return own_column(path);
        };
        let path = source.canonical(path);
        match self.access(table, &path) {
            Access::Column(column) | Access::Below(column, _) if !column.values.is_empty() => {
                match self.spelt(&path) {
                    Some(spelt) => spelt.value(),
                    None => Err(Gap::Unreadable(format!(
                        "`{}` spells the values of `{}` in another way",
                        column.name, column.field
                    ))),
                }
            }
            Access::Column(column) => Ok(column_value(column, source.kind(&path))),
            Access::Below(column, _) if is_within_text(source, column, &path) => {
                Err(Gap::Unmapped(Box::new(missing(source, table, &path))))
            }
            Access::Below(column, steps) => below(column, &path, &steps, source.kind(&path)),
            Access::Parts(parts) => self.parts(&path, parts),
            Access::Constant(value) => constant_value(value).ok_or_else(|| {
                Gap::Unreadable(format!("`{path}` has no column; its value is {value}"))
            }),
            Access::Own(_) | Access::Unmapped if self.own_names => own_column(&path),
            Access::Own(column) => Ok(published_value(column)),
            Access::Absent | Access::Unmapped => match self.unmapped {
                Unmapped::Refuse => Err(Gap::Unmapped(Box::new(missing(source, table, &path)))),
                Unmapped::Warn | Unmapped::PassThrough => passed_column(source, &path),
            },
        }
    }

    /// The field's column, where it spells the values in another way.
    pub(super) fn spelt(&self, path: &FieldPath) -> Option<Spelt<'c>> {
        let (source, table) = self.known?;
        let path = source.canonical(path);
        let (column, steps) = match self.access(table, &path) {
            Access::Column(column) => (column, Vec::new()),
            Access::Below(column, steps) if column.field == path => (column, steps),
            _ => return None,
        };
        let mut spelt = column.values.pairs().map(|(_, spelt)| spelt).peekable();
        let holds = match spelt.peek()? {
            Literal::Text(_) => FieldType::Text,
            Literal::Boolean(_) => FieldType::Boolean,
            _ => FieldType::Integer,
        };
        let uniform = spelt.all(|value| holds.has(value));
        let holds = if uniform { holds } else { FieldType::Any };
        let raw = if steps.is_empty() {
            column_value(column, holds)
        } else {
            below(column, &path, &steps, holds).ok()?
        };
        Some(Spelt {
            // No value is spelt as a blank.
            raw: Value {
                blank: raw.blank.as_ref().map(|blank| Blank {
                    means: vec![None, Some(serde_json::Value::Null)],
                    ..blank.clone()
                }),
                ..raw
            },
            values: &column.values,
            field: source.kind(&path),
        })
    }

    /// The condition without the questions after fields that no record of the source has. What is left out is exact.
    pub(super) fn rid<'r>(
        &self,
        condition: &'r Condition,
        report: &mut Report,
    ) -> Cow<'r, Condition> {
        let Some((source, _)) = self
            .known
            .filter(|(source, _)| !source.never.is_empty() || !source.never_holds.is_empty())
        else {
            return Cow::Borrowed(condition);
        };
        let kept = source.rid(condition.clone());
        if kept.fingerprint() == condition.fingerprint() {
            return Cow::Borrowed(condition);
        }
        let left = kept.predicates();
        for (predicate, negated) in condition.predicates() {
            if !left.iter().any(|(other, _)| *other == predicate) {
                let what = What::line(predicate, negated);
                if let Some(field) = predicate.subject.as_field()
                    && source.is_never(&source.canonical(field))
                {
                    let message = format!("`{what}`: no record of `{}` has `{field}`", source.id);
                    let warning = Diagnostic::warning(Code::UnmappedField, message);
                    report.diagnostics.push(warning.at(predicate.origin));
                }
                report.record_predicate(Fidelity::Exact, what, predicate.origin, "");
            }
        }
        Cow::Owned(kept)
    }

    /// What a predicate says of every event of the table alike, if it does.
    pub(super) fn answer(&self, predicate: &Predicate) -> Option<bool> {
        let (source, table) = self.known?;
        if let Object::Term(_) = predicate.object {
            return None;
        }
        let path = source.canonical(predicate.subject.as_field()?);
        match table.access(&path) {
            Access::Constant(value) => Some(verdict(predicate, Some(&value.to_json()))),
            _ => source.answer(predicate, table),
        }
    }

    /// The condition with what every event of the table answers alike.
    pub(super) fn answered(&self, condition: &Condition) -> Condition {
        let known = self.known.filter(|_| !self.own_names);
        known.map_or_else(
            || condition.clone(),
            |(source, table)| source.told(condition.clone(), table),
        )
    }

    /// The fields whose columns make up an object that has no column of its own.
    pub(super) fn parts_of(&self, path: &FieldPath) -> Option<&'c [FieldPath]> {
        let (source, table) = self.known?;
        let path = source.canonical(path);
        table
            .parts
            .iter()
            .find(|(field, _)| *field == path)
            .map(|(_, parts)| parts.as_slice())
    }

    /// An object without a column of its own, built anew: `bag_pack("type", UserIdentityType, ...)`.
    fn parts(&self, path: &FieldPath, parts: &[FieldPath]) -> Result<Value, Gap> {
        let mut pairs = Vec::new();
        for part in parts {
            let key = FieldPath {
                segments: part.segments[path.segments.len().min(part.segments.len())..]
                    .to_vec()
                    .into(),
            };
            let key = Fragment::atom(quote::text(&key.to_string()));
            pairs.push(entry(&[key, self.field(part)?.fragment]));
        }
        Ok(Value {
            fragment: Fragment::list("bag_pack(", pairs, ")", ATOM),
            kind: Kind::Dynamic,
            holds: FieldType::Object,
            blank: None,
            reshaped: false,
            partial: false,
            cut: false,
        })
    }

    /// Whether the field has no column.
    pub(super) fn lacks(&self, path: &FieldPath) -> bool {
        let known = self.known.filter(|_| !self.own_names);
        known.is_some_and(|(source, table)| lacks(source, table, &source.canonical(path)))
    }

    /// That the field has no column, if so, with what comes close.
    pub(super) fn missing(&self, path: &FieldPath) -> Option<Missing> {
        let (source, table) = self.known.filter(|_| !self.own_names)?;
        let path = source.canonical(path);
        lacks(source, table, &path).then(|| missing(source, table, &path))
    }
}

fn lacks(source: &LogSourceMap, table: &TableMap, path: &FieldPath) -> bool {
    match table.access(path) {
        Access::Absent | Access::Unmapped => true,
        Access::Below(column, _) => is_within_text(source, column, path),
        _ => false,
    }
}

/// Whether the path leads into a text that is below the column, which an access of a dynamic value does not.
fn is_within_text(source: &LogSourceMap, column: &Column, path: &FieldPath) -> bool {
    let text = source.json_text_above(path);
    text.is_some_and(|text| text.segments.len() > column.field.segments.len())
}

fn unknown_source(source: &LogSource, rule: &Rule) -> Diagnostic {
    let message = format!("`{source}` has no table that is known");
    Diagnostic::error(Code::UnmappedSource, message)
        .at(rule.origin)
        .help("a file under `schemas` joins a log source with its table and columns")
}
