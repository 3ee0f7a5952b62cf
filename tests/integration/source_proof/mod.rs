//! The proof of the maps: an event of each log source and its row in each table, and predicates that say the same of both.
//!
//! `tests/sources/<id>.json` has invented events that fill every field, one for each form that a record of the source takes.
//! [`rulec::schema::rows`] makes a row of an event, and an event of that row again. A predicate on a field is emitted as KQL, and the rule that is
//! read back from it judges the row, or the event of the row, as the predicate judges the event. `RULEC_SOURCE_CASES` names a file
//! into which the queries, the rows and the verdicts are written, for an engine to judge (`tests/oracles/kql/sources.py`). With
//! `RULEC_SOURCE_ALL` every field is asked for, without it some of each kind.

mod ordered;

use std::collections::{BTreeMap, BTreeSet};

use rulec::analysis::Fidelity;
use rulec::backend::{Backend, TARGETS};
use rulec::diagnostic::Diagnostics;
use rulec::eval::pipeline::rows as rows_of;
use rulec::ir::{
    Condition, FieldPath, Literal, LogSource, Metadata, Object, Operator, Predicate, Quantifier,
    Rule, Segment, Term,
};
use rulec::normalize::normalize;
use rulec::schema::rows::{self, at_list, get};
use rulec::schema::{Access, Crosswalk, Direction, FieldMap, FieldType, LogSourceMap, TableMap};
use rulec::source::{NoFiles, Sources};
use rulec::{eval, frontend};
use serde_json::{Map, Value, json};

use crate::read_back;

/// The events of a source.
fn events(source: &LogSourceMap) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sources");
    let path = format!("{folder}/{}.json", source.id);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The row of an invented event, which every table can hold.
fn row(table: &TableMap, event: &Value) -> Map<String, Value> {
    rows::row(table, event).unwrap_or_else(|| panic!("{} cannot hold {event}", table.name))
}

/// How a field stands in a table, where it does: whether it is written there and read as itself.
fn stands(table: &TableMap, field: &FieldPath) -> Option<bool> {
    match table.access(field) {
        Access::Column(column) | Access::Below(column, _) => {
            (column.direction != Direction::Neither).then_some(column.direction != Direction::Write)
        }
        Access::Parts(_) | Access::Constant(_) => Some(true),
        Access::Absent | Access::Own(_) | Access::Unmapped => None,
    }
}

/// The first value of a field in an event, through the first items of lists.
fn sample<'v>(event: &'v Value, path: &FieldPath) -> Option<&'v Value> {
    match at_list(path) {
        Some((list, rest)) => sample(get(event, &list.segments)?.get(0)?, &rest),
        None => get(event, &path.segments),
    }
}

#[test]
fn every_event_has_every_field() {
    let mut empty = Vec::new();
    for source in Crosswalk::builtin().sources() {
        let events = events(source);
        for entry in source.fields() {
            let mut tables = source.tables().iter();
            let made = |table: &TableMap| matches!(table.access(&entry.field), Access::Constant(_));
            if tables.any(|table| stands(table, &entry.field) == Some(true) && !made(table))
                && events
                    .iter()
                    .all(|event| sample(event, &entry.field).is_none())
                && !entry.field.to_string().starts_with("p_")
            {
                empty.push(format!("{}: {}", source.id, entry.field));
            }
        }
    }
    assert!(empty.is_empty(), "{}\n{}", empty.len(), empty.join("\n"));
}

/// Whether the table keeps the value as it is.
fn holds(table: &TableMap, field: &FieldPath, value: &Value) -> bool {
    match table.access(field) {
        Access::Column(column) => column.is_holder() || !(value.is_object() || value.is_array()),
        Access::Below(..) | Access::Constant(_) => true,
        Access::Parts(_) | Access::Absent | Access::Own(_) | Access::Unmapped => false,
    }
}

/// A value as a column of texts shows it.
fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn an_event_comes_back_from_its_row() {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for source in Crosswalk::builtin().sources() {
        let events = events(source);
        let tables = source.tables().iter();
        for (table, event) in
            tables.flat_map(|table| events.iter().map(move |event| (table, event)))
        {
            let event = rows::of_table(table, event);
            let back = rows::event(source, table, &row(table, &event));
            for entry in source.fields() {
                let field = &entry.field;
                if stands(table, field) != Some(true) || at_list(field).is_some() {
                    continue;
                }
                let (before, after) = (get(&event, &field.segments), get(&back, &field.segments));
                // A column of plain values has no object, and an object of columns has what they have.
                if before.is_some_and(|value| !holds(table, field, value)) {
                    continue;
                }
                compared += 1;
                if before.map(shown) != after.map(shown) {
                    let name = &table.name;
                    wrong.push(format!(
                        "{} {name} {field}: {before:?} {after:?}",
                        source.id
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 2_000, "{compared}");
}

/// A predicate on a field, about one of its items where it lies in a list.
fn about(path: &FieldPath, inside: bool, make: &dyn Fn(Term) -> Condition) -> Condition {
    let term = |path: FieldPath| {
        if inside {
            Term::Item { depth: 0, path }
        } else {
            Term::Field(path)
        }
    };
    match at_list(path) {
        Some((list, rest)) => Condition::Items {
            quantifier: Quantifier::Some,
            list: term(list).into(),
            body: about(&rest, true, make).into(),
        },
        None => make(term(path.clone())),
    }
}

fn test(operator: Operator, object: Object) -> impl Fn(Term) -> Condition {
    move |subject| Predicate::new(subject, operator, object.clone()).into()
}

/// The column that is the field's own.
fn place(table: &TableMap, field: &FieldPath) -> Option<(String, FieldPath)> {
    match table.access(field) {
        Access::Column(column) => Some((column.name.clone(), column.path.clone())),
        _ => None,
    }
}

/// The event without the other fields that share the field's column: a record has one of them, or the same value in each.
fn alone(table: &TableMap, field: &FieldPath, event: &Value) -> Value {
    let mut event = event.clone();
    let Some(own) = place(table, field) else {
        return event;
    };
    for column in &table.columns {
        let is_other = !field.starts_with(&column.field);
        if is_other && place(table, &column.field).as_ref() == Some(&own) {
            rows::remove(&mut event, &column.field.segments);
        }
    }
    event
}

/// Another value of the same kind.
fn another(table: &TableMap, field: &FieldPath, value: &Value) -> Value {
    if let Access::Column(column) = table.access(field) {
        let mut values = column.values.pairs().map(|(own, _)| own.to_json());
        if let Some(other) = values.find(|own| own != value) {
            return other;
        }
    }
    match value {
        Value::String(text) if text == "true" => json!("false"),
        Value::String(text) if text.parse::<i64>().is_ok() => Value::from(format!("{text}7")),
        // Another point in time, and another text.
        Value::String(text) => Value::from(
            text.replace("2026-", "2025-").replace(' ', "_")
                + if text.starts_with("2026-") { "" } else { "x" },
        ),
        Value::Number(number) => number.as_i64().map_or(json!(0.5), |whole| json!(whole + 1)),
        Value::Bool(value) => json!(!value),
        other => other.clone(),
    }
}

/// The predicates on a field, with their names.
fn predicates(
    table: &TableMap,
    entry: &FieldMap,
    value: &Value,
    whole: bool,
) -> Vec<(&'static str, Condition)> {
    let field = &entry.field;
    let on = |make: &dyn Fn(Term) -> Condition| about(field, false, make);
    let exists = ("exists", on(&test(Operator::IsPresent, Object::None)));
    let items = matches!(entry.kind, FieldType::ScalarList | FieldType::ObjectList);
    if let (true, Some(first)) = (items, value.get(0)) {
        let item = |value: &Value| {
            let literal = Object::Literal(Literal::from_json(value));
            about(
                &FieldPath::parse(&format!("{field}[]")).unwrap(),
                false,
                &test(Operator::Equals, literal),
            )
        };
        let is_object = first.is_object();
        let mut made = vec![exists];
        if !is_object {
            made.push(("item", item(first)));
            made.push(("other item", item(&another(table, field, first))));
        }
        return made;
    }
    if value.is_object() || value.is_array() || value.is_null() {
        return vec![exists];
    }
    let own = Literal::from_json(value);
    let other = Literal::from_json(&another(table, field, value));
    let equals = |literal: &Literal| on(&test(Operator::Equals, Object::Literal(literal.clone())));
    let mut made = vec![("equal", equals(&own))];
    if whole {
        made.push(("equal to another", equals(&other)));
        made.push(("not equal", equals(&other).negate()));
        made.push(exists);
        let either = Object::List(vec![other, own]);
        made.push(("in", on(&test(Operator::In, either))));
        if let Value::String(text) = value {
            let part: String = text.chars().take(text.chars().count() / 2 + 1).collect();
            let part = Object::Texts(vec![part]);
            made.push(("starts with", on(&test(Operator::StartsWith, part))));
        }
    }
    made
}

/// A rule that selects what the condition selects, of the events of the table.
fn rule(source: &LogSourceMap, table: &TableMap, condition: Condition) -> Rule {
    let mut rule = Rule::new(Metadata::default());
    "case".clone_into(&mut rule.metadata.name);
    rule.log_sources = vec![LogSource::known(&source.id)];
    let told = table.has.iter().map(|(field, values)| {
        let one_of = Object::List(values.clone());
        Condition::from(Predicate::new(
            Term::Field(field.clone()),
            Operator::In,
            one_of,
        ))
    });
    rule.selection = told.fold(condition, Condition::and);
    normalize(rule)
}

/// The table that a query reads.
fn table_of(query: &str) -> &str {
    let mut lines = query.lines().filter(|line| !line.starts_with("//"));
    lines
        .next()
        .unwrap_or_default()
        .trim_matches(['[', ']', '\''])
}

/// What came of all cases.
#[derive(Default)]
struct Outcome {
    judged: usize,
    exact: usize,
    elsewhere: usize,
    refused: BTreeMap<String, BTreeSet<String>>,
    wrong: Vec<String>,
}

/// The rows of one table, and what its queries say of them.
struct Cases {
    rows: Vec<Value>,
    queries: Vec<Value>,
}

impl Outcome {
    fn judge(
        &mut self,
        source: &LogSourceMap,
        table: &TableMap,
        entry: &FieldMap,
        (name, condition): (&str, Condition),
        events: &[Value],
        (cases, first): (&mut Cases, usize),
    ) {
        let rule = rule(source, table, condition);
        let translation = read_back::export(&rule, kql());
        let label = format!("{} {} `{}` {name}", source.id, table.name, entry.field);
        let Some(artifact) = translation.artifacts.first() else {
            let said = translation.report.diagnostics.iter().next();
            let reason = said.map_or_else(String::new, |one| one.message.clone());
            let reason = reason
                .rsplit_once("`: ")
                .map_or("", |(_, reason)| reason)
                .to_owned();
            self.refused
                .entry(format!("{} {name}: {reason}", source.id))
                .or_default()
                .insert(entry.field.to_string());
            return;
        };
        let query = &artifact.text;
        if table_of(query) != table.name {
            self.elsewhere += 1;
            return;
        }
        let read = read(query);
        let fidelity = translation.report.condition();
        self.judged += 1;
        self.exact += usize::from(fidelity == Fidelity::Exact);
        // A table that several sources share is read as one of them.
        let read_as = match read.log_sources.as_slice() {
            [LogSource::Known(name)] => Crosswalk::builtin().get(&name.id),
            _ => None,
        };
        let read_as = read_as.and_then(|known| Some((known, known.table(&table.name)?)));
        let verdicts: Vec<bool> = events
            .iter()
            .map(|event| eval::matches(&rule, event))
            .collect();
        for (event, before) in events.iter().zip(&verdicts) {
            let row = row(table, event);
            let seen = match read_as {
                Some((known, table)) => match rows::with_parts(table, row) {
                    Some(row) => rows::event(known, table, &row),
                    // A text that no parts make up stands in no row.
                    None => continue,
                },
                None => Value::Object(row),
            };
            let after = selects(&read, seen);
            if !is_as_said(fidelity, *before, after) {
                let empty = sample(event, &entry.field).is_none();
                self.wrong.push(format!(
                    "{label}: {before}, then {after} on {}\n{query}{}",
                    if empty { "nothing" } else { "a value" },
                    read.selection
                ));
            }
        }
        cases.queries.push(json!({
            "case": label, "query": query, "fidelity": format!("{fidelity:?}"), "first": first, "expected": verdicts,
        }));
    }
}

/// Whether the rule selects the event, be it by a pipeline.
fn selects(rule: &Rule, event: Value) -> bool {
    let Some(pipeline) = &rule.pipeline else {
        return eval::matches(rule, &event);
    };
    let source = rule.log_sources[0].clone();
    let table = rows_of(pipeline, &[(source, vec![event])], None);
    !table
        .unwrap_or_else(|reason| panic!("{reason:?}"))
        .rows
        .is_empty()
}

/// Whether a verdict differs only as the report says.
fn is_as_said(fidelity: Fidelity, before: bool, after: bool) -> bool {
    match fidelity {
        Fidelity::Exact => before == after,
        Fidelity::Wider => !before || after,
        Fidelity::Narrower => before || !after,
        Fidelity::Unsupported => false,
    }
}

/// The rule that a query is read as.
fn read(query: &str) -> Rule {
    let mut sources = Sources::new();
    let id = sources.add("case.kql", query);
    let mut diagnostics = Diagnostics::new();
    let format = frontend::format("kql");
    let mut rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let rule = rules.pop();
    normalize(rule.unwrap_or_else(|| panic!("{query}: {diagnostics:?}")))
}

fn kql() -> &'static dyn Backend {
    let mut targets = TARGETS.iter().copied();
    targets.find(|target| target.name() == "kql").unwrap()
}

/// The columns of a table, with Kusto's names of their types.
fn columns(table: &TableMap) -> Map<String, Value> {
    let mapped = table.columns.iter();
    mapped
        .map(|column| (column.name.clone(), Value::from(column.kind.name())))
        .collect()
}

/// How many fields of a kind are judged in each table where not all are asked for.
const FIELDS: usize = 2;

/// What decides how a field is asked for: its type, and how the table holds it.
fn kind_of(table: &TableMap, entry: &FieldMap) -> String {
    let how = match table.access(&entry.field) {
        Access::Column(column) | Access::Below(column, _) => format!(
            "{:?} {} {} {:?} {}",
            column.kind,
            column.json,
            column.values.pairs().count(),
            column.direction,
            column.field == entry.field
        ),
        other => format!("{other:?}"),
    };
    let lists = entry
        .field
        .segments
        .iter()
        .filter(|step| **step == Segment::Each);
    format!("{} {:?} {how} {}", table.name, entry.kind, lists.count())
}

/// Whether the table makes the field's column of others, so that no row is without it.
fn is_made(table: &TableMap, field: &FieldPath) -> bool {
    let Access::Column(column) = table.access(field) else {
        return false;
    };
    let sources = Crosswalk::builtin().sources();
    let mut same = sources.filter_map(|source| source.table(&table.name));
    same.any(|table| table.made.iter().any(|made| made.column == column.name))
}

fn judge(source: &LogSourceMap, all: bool, outcome: &mut Outcome, written: &mut String) {
    let events = events(source);
    let mut proved = BTreeSet::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for table in source.tables() {
        let forms: Vec<Value> = events
            .iter()
            .map(|event| rows::of_table(table, event))
            .collect();
        let row = |event: &Value| Value::Object(row(table, event));
        let mut cases = Cases {
            rows: Vec::new(),
            queries: Vec::new(),
        };
        for entry in source.fields() {
            let mut forms = forms.iter();
            let filled = forms.find_map(|event| Some((event, sample(event, &entry.field)?)));
            let (Some(_), Some((event, value))) = (stands(table, &entry.field), filled) else {
                continue;
            };
            if matches!(table.access(&entry.field), Access::Constant(_)) {
                continue;
            }
            let seen = kinds.entry(kind_of(table, entry)).or_default();
            *seen += 1;
            if !all && *seen > FIELDS {
                continue;
            }
            let is_told_by = |field: &FieldPath| {
                let stands = place(table, &entry.field);
                *field == entry.field || (stands.is_some() && place(table, field) == stands)
            };
            let mut event = alone(table, &entry.field, event);
            let mut value = value.clone();
            // The invented value may be none by which this table is told.
            for (field, values) in table.has.iter().filter(|(field, _)| is_told_by(field)) {
                let values: Vec<Value> = values.iter().map(Literal::to_json).collect();
                if !values.contains(&value) {
                    value.clone_from(&values[0]);
                }
                rows::put(&mut event, &entry.field.segments, value.clone());
                rows::put(&mut event, &field.segments, value.clone());
            }
            for (field, text) in &table.lacks {
                if let Some(held) = value.as_str().filter(|_| *field == entry.field) {
                    value = held.replace(text, "").into();
                    rows::put(&mut event, &entry.field.segments, value.clone());
                }
            }
            for (field, text) in &table.holds {
                if let Some(held) = value.as_str().filter(|_| *field == entry.field) {
                    value = format!("{text}{held}").into();
                    rows::put(&mut event, &entry.field.segments, value.clone());
                }
            }
            let (event, value) = (&event, &value);
            let mut without = event.clone();
            rows::remove(&mut without, &entry.field.segments);
            let mut other = event.clone();
            if at_list(&entry.field).is_none() && !value.is_object() && !value.is_array() {
                rows::put(
                    &mut other,
                    &entry.field.segments,
                    another(table, &entry.field, value),
                );
            }
            // An event with another value of the field that tells the table is in another table.
            let tells = table.has.iter().any(|(field, _)| is_told_by(field))
                || matches!(table.access(&entry.field), Access::Column(column)
                    if table.only.iter().any(|(name, _)| *name == column.name));
            // So is one without the field that every event of the source has.
            let is_filled = matches!(table.access(&entry.field), Access::Column(column)
                if table.filled.as_ref() == Some(&column.name));
            let events = match (tells, is_made(table, &entry.field)) {
                (true, _) => vec![event.clone()],
                (false, false) if is_filled => vec![event.clone(), other],
                (false, true) => vec![event.clone(), other],
                (false, false) => vec![event.clone(), without, other],
            };
            let first = cases.rows.len();
            cases.rows.extend(events.iter().map(row));
            let whole = proved.insert(entry.field.to_string());
            for case in predicates(table, entry, value, whole) {
                outcome.judge(source, table, entry, case, &events, (&mut cases, first));
            }
        }
        let line = json!({
            "source": source.id, "table": table.name, "columns": columns(table), "rows": cases.rows, "queries": cases.queries,
        });
        written.push_str(&line.to_string());
        written.push('\n');
    }
}

#[test]
fn predicates_say_the_same_of_an_event_and_of_its_row() {
    let mut outcome = Outcome::default();
    let mut written = String::new();
    let cases = std::env::var_os("RULEC_SOURCE_CASES");
    let all = std::env::var_os("RULEC_SOURCE_ALL").is_some();
    for source in Crosswalk::builtin().sources() {
        judge(source, all, &mut outcome, &mut written);
    }
    if let Some(path) = cases {
        std::fs::write(path, written).unwrap();
    }
    let only = std::env::var("RULEC_SOURCE_SHOW").is_ok();
    let refused: Vec<String> = outcome
        .refused
        .iter()
        .map(|(reason, fields)| {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            format!("{reason}: {}", fields.join(", "))
        })
        .collect();
    if only {
        println!("refused:\n{}", refused.join("\n"));
    }
    println!(
        "{} judged, {} exact, {} in another table, {} kinds refused",
        outcome.judged,
        outcome.exact,
        outcome.elsewhere,
        refused.len()
    );
    assert!(
        outcome.wrong.is_empty(),
        "{}\n{}",
        outcome.wrong.len(),
        outcome.wrong.join("\n")
    );
    assert!(outcome.judged > 1_000, "{}", outcome.judged);
}
