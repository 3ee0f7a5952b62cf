//! Which fields of a rule's condition the crosswalk knows, in each system, and whether a query can be written with them.

use crate::backend::{Backend, Context};
use crate::diagnostic::Severity;
use crate::ir::{Condition, FieldPath, Function, Literal, LogSource, Object, Rule, Term};
use crate::schema::{Access, Crosswalk, LogSourceMap, sigma};

/// Where a field of a condition stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownField {
    /// The field, as the map spells it.
    pub(super) field: FieldPath,
    /// Whether the table that the rule would be written for has it.
    pub(super) sentinel: bool,
    /// Whether a Sigma rule has a name for it.
    pub(super) sigma: bool,
}

/// The fields of a rule's condition on one log source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownFields {
    /// The source's id.
    pub(super) source: String,
    /// The table that the rule would be written for.
    pub(super) table: Option<String>,
    /// The fields, each once, in the order of their names.
    pub(super) fields: Vec<KnownField>,
    /// Why no query can be written, if none can.
    pub(super) refused: Option<String>,
}

/// The target that queries are written for, with what it asks.
#[derive(Clone, Copy)]
pub(super) struct Writer<'w> {
    pub(super) target: &'w dyn Backend,
    pub(super) context: &'w Context<'w>,
}

impl Writer<'_> {
    /// Why the rule cannot be written for the source, if it cannot.
    fn refusal(&self, rule: &Rule, source: &LogSourceMap) -> Option<String> {
        let mut rule = rule.clone();
        rule.selection = source.untold(&rule.selection).and(rule.selection.clone());
        let is_source =
            |one: &LogSource| matches!(one, LogSource::Known(name) if name.id == source.id);
        rule.log_sources.retain(is_source);
        if rule.log_sources.is_empty() {
            rule.log_sources.push(LogSource::known(&source.id));
        }
        let written = crate::export_with(&rule, self.target, self.context);
        if !written.artifacts.is_empty() {
            return None;
        }
        let said = written.report.diagnostics.iter();
        let mut errors = said.filter(|one| one.severity == Severity::Error);
        let reason = errors.next().map(|one| one.message.clone());
        Some(reason.unwrap_or_else(|| "it is refused without a reason".to_owned()))
    }
}

impl KnownFields {
    /// Whether every field stands in the table.
    pub(super) fn all_in_sentinel(&self) -> bool {
        self.table.is_some() && self.fields.iter().all(|field| field.sentinel)
    }

    /// Whether a query can be written with them.
    pub(super) fn is_written(&self) -> bool {
        self.table.is_some() && self.refused.is_none()
    }

    /// Whether every field has a name in Sigma.
    pub(super) fn all_in_sigma(&self) -> bool {
        self.fields.iter().all(|field| field.sigma)
    }
}

/// The fields of the rule's condition, for each of its sources that the crosswalk knows.
pub(super) fn known_fields(
    rule: &Rule,
    crosswalk: &Crosswalk,
    writer: Writer<'_>,
) -> Vec<KnownFields> {
    let sources = rule.log_sources.iter();
    let known = sources.filter_map(|source| match source {
        LogSource::Known(name) => Some(of_source(
            rule,
            crosswalk.get(&name.id)?,
            name.table.as_deref(),
            writer,
        )),
        LogSource::Unknown { name, .. } => of_part(rule, name, crosswalk, writer),
        LogSource::Resource { .. } => None,
    });
    known.collect()
}

/// The fields of a rule on a log type that several sources share: for the one that has most of them.
fn of_part(
    rule: &Rule,
    log_type: &str,
    crosswalk: &Crosswalk,
    writer: Writer<'_>,
) -> Option<KnownFields> {
    let sources = crosswalk.sources();
    let parts = sources.filter(|source| source.panther.iter().any(|named| named.name == log_type));
    let known = parts.map(|source| of_source(rule, source, None, writer));
    known.max_by_key(|known| known.fields.iter().filter(|field| field.sentinel).count())
}

fn of_source(
    rule: &Rule,
    source: &LogSourceMap,
    table: Option<&str>,
    writer: Writer<'_>,
) -> KnownFields {
    let table = match table {
        Some(name) => source.table(name),
        None => source.table_with_fields(rule),
    };
    let table = table.or_else(|| source.tables().first());
    let mut condition = source.rule_out(rule.selection.clone());
    if let Some(table) = table {
        condition = source.told(condition, table);
    }
    let mut read = Vec::new();
    of_condition(&condition, &mut read);
    let mut paths: Vec<FieldPath> = read.iter().map(|path| source.canonical(path)).collect();
    paths.sort_unstable();
    paths.dedup();
    let fields = paths.into_iter().map(|field| KnownField {
        sentinel: table.is_some_and(|table| {
            !matches!(table.access(&field), Access::Absent | Access::Unmapped)
        }),
        sigma: sigma::name_of(Some(source), &field).is_some(),
        field,
    });
    KnownFields {
        source: source.id.clone(),
        table: table.map(|table| table.name.clone()),
        fields: fields.collect(),
        refused: writer.refusal(rule, source),
    }
}

/// The fields that a condition reads.
fn of_condition(condition: &Condition, read: &mut Vec<FieldPath>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| of_condition(part, read));
        }
        Condition::Not(inner) => of_condition(inner, read),
        Condition::Test(predicate) => {
            of_term(&predicate.subject, read);
            if let Object::Term(term) = &predicate.object {
                of_term(term, read);
            }
        }
        Condition::Items { list, body, .. } => {
            of_term(list, read);
            of_condition(body, read);
        }
    }
}

/// The fields that a term reads. A walk down known keys reads the field that they lead to, not all above it.
fn of_term(term: &Term, read: &mut Vec<FieldPath>) {
    match term {
        Term::Field(path) => read.push(path.clone()),
        Term::Item { .. } | Term::Literal(_) => {}
        Term::Call {
            function,
            arguments,
        } => match (function, arguments.as_slice()) {
            (
                Function::Walk,
                [
                    Term::Field(from),
                    Term::Literal(Literal::List(keys)),
                    rest @ ..,
                ],
            ) if keys.iter().all(|key| key.as_text().is_some()) => {
                let keys = keys.iter().filter_map(Literal::as_text);
                read.push(keys.fold(from.clone(), |path, key| path.exact(key)));
                for argument in rest {
                    of_term(argument, read);
                }
            }
            _ => arguments
                .iter()
                .for_each(|argument| of_term(argument, read)),
        },
        Term::Choice { cases, otherwise } => {
            for case in cases {
                of_condition(&case.when, read);
                of_term(&case.then, read);
            }
            of_term(otherwise, read);
        }
        Term::Select { list, when, item } => {
            of_term(list, read);
            of_condition(when, read);
            of_term(item, read);
        }
        Term::Aggregate { argument, .. } => {
            if let Some(argument) = argument {
                of_term(argument, read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Metadata, Operator, Predicate};

    #[test]
    fn a_field_stands_in_the_table_or_it_does_not() {
        let mut rule = Rule::new(Metadata::default());
        rule.log_sources = vec![LogSource::known("aws.cloudtrail")];
        let has = |path: &str| {
            let field = Term::Field(FieldPath::parse(path).unwrap());
            crate::ir::Condition::from(Predicate::new(field, Operator::Exists, Object::None))
        };
        let templates = crate::backend::Templates::builtin();
        let target = crate::backend::TARGETS[0];
        let writer = Writer {
            target,
            context: &Context::new(Crosswalk::builtin(), &templates),
        };
        let known_fields = |rule: &Rule, crosswalk| known_fields(rule, crosswalk, writer);
        rule.selection = has("EVENTNAME").and(has("requestParameters.x"));
        let known = known_fields(&rule, Crosswalk::builtin());
        assert!(known[0].all_in_sentinel() && known[0].all_in_sigma());
        assert_eq!(known[0].table.as_deref(), Some("AWSCloudTrail"));
        assert_eq!(known[0].fields[0].field.to_string(), "eventName");
        rule.selection = rule.selection.and(has("sessionCredentialFromConsole"));
        let known = known_fields(&rule, Crosswalk::builtin());
        assert!(!known[0].all_in_sentinel());
    }
}
