//! An event as the source rule sees it, and as its translation does.
//!
//! A target that reads tables is asked about the row that a table of the log source has of the event; that row is then an event
//! again, in the form in which the rule that was read back sees rows of this table. Refused: events that the log source cannot
//! have, where the target believes the types of its log source.

use serde_json::Value;

use super::equal::World;
use super::row::{held, of_table, tell};
use crate::backend::{Backend, Events};
use crate::eval::{self, pipeline};
use crate::frontend;
use crate::ir::{FieldPath, Literal, LogSource, Rule, Segment};
use crate::schema::{Crosswalk, LOG_TYPE, LogSourceMap, TableMap, rows};

/// The time at which everything is judged, in microseconds since 1970: the first of January 2026.
pub(super) const NOW: i64 = 1_767_225_600_000_000;

/// A rule of the translation, and how it sees events.
pub(super) struct View<'v> {
    /// The rules that see them so; an alert of any of them is one of the translation.
    pub(super) rules: Vec<&'v Rule>,
    /// The log source whose types the events have, with the table that has the rows.
    source: Option<(&'v LogSourceMap, Option<&'v TableMap>)>,
    /// The fields that the rule parses as JSON: texts, and no objects.
    parsed: Vec<&'v FieldPath>,
    /// Whether the rule, too, is about the rows of the table.
    own_rows: bool,
    /// The log source and the table that the translation is read as.
    read_as: Option<(&'v LogSourceMap, &'v TableMap)>,
}

/// An event, as both sides see it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// As the source rule does.
    pub(super) source: Value,
    /// As the translation does.
    pub(super) target: Value,
}

/// The ways in which the translation of the rule sees events; none where the rules of it are about something else.
pub(super) fn views<'v>(
    rule: &'v Rule,
    back: &'v [Rule],
    events: Events,
    crosswalk: &'v Crosswalk,
) -> Vec<View<'v>> {
    let mut views = match events {
        Events::Any => Vec::new(),
        Events::Typed => typed(rule, back, crosswalk),
        Events::Rows => of_rows(rule, back, crosswalk),
    };
    if views.is_empty() {
        views.push(View {
            rules: back.iter().collect(),
            parsed: Vec::new(),
            own_rows: false,
            source: None,
            read_as: None,
        });
    }
    views
}

fn typed<'v>(rule: &'v Rule, back: &'v [Rule], crosswalk: &'v Crosswalk) -> Vec<View<'v>> {
    let view = |source: &'v LogSourceMap| {
        let is_about = |rule: &&Rule| {
            let mut own = rule.log_sources.iter();
            own.any(|own| crosswalk.of(own).is_none_or(|own| own.id == source.id))
        };
        View {
            rules: back.iter().filter(is_about).collect(),
            parsed: parsed(rule, source),
            own_rows: false,
            source: Some((source, None)),
            read_as: None,
        }
    };
    sources(rule, crosswalk)
        .into_iter()
        .map(view)
        .filter(|view| !view.rules.is_empty())
        .collect()
}

/// The log sources that the rule is about; of a log type that several share, each.
fn sources<'v>(rule: &'v Rule, crosswalk: &'v Crosswalk) -> Vec<&'v LogSourceMap> {
    let each = |source: &'v LogSource| -> Vec<&'v LogSourceMap> {
        match (crosswalk.of(source), source) {
            (Some(known), _) => vec![known],
            (None, LogSource::Unknown { format, name }) if format == "panther" => {
                crosswalk.parts_of_log_type(name).collect()
            }
            (None, _) => Vec::new(),
        }
    };
    rule.log_sources.iter().flat_map(each).collect()
}

fn of_rows<'v>(rule: &'v Rule, back: &'v [Rule], crosswalk: &'v Crosswalk) -> Vec<View<'v>> {
    let mut views = Vec::new();
    for read in back {
        for read_source in &read.log_sources {
            let (name, read_as) = match read_source {
                LogSource::Known(_) => {
                    let (Some(map), Some(table)) =
                        (crosswalk.of(read_source), crosswalk.table_of(read_source))
                    else {
                        continue;
                    };
                    (table.name.as_str(), Some((map, table)))
                }
                LogSource::Unknown { name, .. } => (name.as_str(), None),
                LogSource::Resource { .. } => continue,
            };
            let mut sources = sources(rule, crosswalk).into_iter();
            let held = sources.find_map(|source| Some((source, source.table(name)?)));
            let Some((source, table)) = held else {
                continue;
            };
            let names_table = |source: &LogSource| matches!(source, LogSource::Known(name) if name.table.is_some());
            let [own, other] = [rule, read].map(language);
            let is_own = own.is_some() && own == other;
            let view = View {
                rules: vec![read],
                parsed: Vec::new(),
                own_rows: is_own || rule.log_sources.iter().any(names_table),
                source: Some((source, Some(table))),
                read_as,
            };
            match views
                .iter_mut()
                .find(|known: &&mut View<'v>| known.is_like(&view))
            {
                Some(known) => known.rules.push(read),
                None => views.push(view),
            }
        }
    }
    views
}

/// The language of tables that the rule is written in.
fn language(rule: &Rule) -> Option<&'static str> {
    frontend::format(&rule.preserved.format)?.table_language()
}

impl<'v> View<'v> {
    /// Whether events are seen alike.
    fn is_like(&self, other: &Self) -> bool {
        let names = |view: &Self| {
            let table = |table: Option<&'v TableMap>| table.map(|table| &table.name);
            let read = view.read_as.map(|(source, read)| (&source.id, &read.name));
            (
                view.source.map(|(source, held)| (&source.id, table(held))),
                read,
            )
        };
        names(self) == names(other)
    }

    /// Whether the rule is one of those that see events so.
    pub(super) fn has(&self, rule: &Rule) -> bool {
        self.rules.iter().any(|own| std::ptr::eq(*own, rule))
    }

    /// What is known of the events that the sides are asked about.
    pub(super) fn world(&self) -> World<'v> {
        let rule = self.source;
        let table = rule.and_then(|(_, table)| table);
        let read = match (self.read_as, rule) {
            (Some((source, table)), _) => Some((source, Some(table))),
            (None, Some((source, None))) => Some((source, None)),
            (None, _) => None,
        };
        let is_same = read.is_some_and(|(read, _)| rule.is_some_and(|(own, _)| own.id == read.id));
        // Rows that a rule and its translation both read are the same to both.
        let rows = self.own_rows && is_same && table.is_some();
        World {
            rule: if rows { read } else { rule },
            read,
            columns: read.is_none() && table.is_some(),
            rows,
            told: false,
        }
    }

    /// The field that holds the time of an event.
    pub(super) fn time(&self) -> Option<&'v FieldPath> {
        self.source.map(|(source, _)| &source.time)
    }

    /// Whether there may be such an event.
    pub(super) fn accepts(&self, event: &Value) -> bool {
        self.source.is_none_or(|(source, _)| source.accepts(event)) && self.seen(event).is_some()
    }

    /// The event as both sides see it; nothing where there is no such event.
    pub(super) fn seen(&self, event: &Value) -> Option<Seen> {
        let Some((source, table)) = self.source else {
            return Some(Seen {
                source: event.clone(),
                target: event.clone(),
            });
        };
        if !source.accepts(event) || has_never(source, event) {
            return None;
        }
        let Some(table) = table else {
            let is_object =
                |path: &&FieldPath| rows::get(event, &path.segments).is_some_and(Value::is_object);
            if self.parsed.iter().any(is_object) {
                return None;
            }
            let event = of_source(source, event).filter(|event| is_spelt(source, event))?;
            return Some(Seen {
                target: event.clone(),
                source: event,
            });
        };
        let (event, row) = held(source, table, event)?;
        let target = match self.read_as {
            Some((read, read_table)) => {
                let mut row = rows::with_parts(read_table, row)?;
                if read.id != source.id {
                    row = rows::with_wholes(read_table, row)?;
                }
                rows::event(read, read_table, &row)
            }
            None => Value::Object(row),
        };
        let is_same = |(read, _): (&LogSourceMap, &TableMap)| read.id == source.id;
        Some(Seen {
            source: if self.own_rows && self.read_as.is_some_and(is_same) {
                target.clone()
            } else {
                event
            },
            target,
        })
    }

    /// The event as an engine of the target gets it, with the table whose row it is; nothing where there is no such event.
    pub(super) fn given(
        &self,
        target: &dyn Backend,
        event: &Value,
    ) -> Option<(Option<&'v str>, Value)> {
        match self.source {
            Some((source, Some(table))) => {
                let (_, row) = held(source, table, event)?;
                Some((Some(table.name.as_str()), row.into()))
            }
            source => {
                let source = source.map(|(source, _)| source);
                let event = self.seen(event)?.target;
                Some((None, target.given(source, &event)))
            }
        }
    }

    /// The event of the source for one as this rule of the translation sees it; nothing where the rule sees others.
    pub(super) fn of_source(&self, rule: &Rule, seen: &Value) -> Option<Value> {
        if !self.has(rule) {
            return None;
        }
        let Some((source, Some(table))) = self.source else {
            return Some(seen.clone());
        };
        let row = match self.read_as {
            Some((read, _)) if read.id == source.id => return Some(seen.clone()),
            Some((_, read_table)) => {
                let row = rows::row(read_table, &of_table(read_table, seen))?;
                rows::with_wholes(read_table, row)?
            }
            None => seen.as_object()?.clone(),
        };
        Some(rows::event(source, table, &row))
    }

    /// Whether the translation selects the event. Where events are counted, the rows of a pipeline say nothing of one alone.
    pub(super) fn selects(&self, event: &Value, counted: bool) -> bool {
        let of = |rule: &&Rule| {
            if counted && rule.correlation.is_none() {
                eval::holds_at(&rule.selection, event, NOW)
            } else {
                selects(rule, event)
            }
        };
        self.rules.iter().any(of)
    }
}

/// The texts of the source that spell objects, as far as the rule reads them and not the keys below them as fields.
fn parsed<'v>(rule: &Rule, source: &'v LogSourceMap) -> Vec<&'v FieldPath> {
    let read: Vec<FieldPath> = rule
        .selection
        .fields()
        .into_iter()
        .map(|path| source.canonical(path))
        .collect();
    let is_below = |path: &FieldPath, text: &FieldPath| path != text && path.starts_with(text);
    let texts = source.fields().iter().filter(|entry| entry.is_json);
    let texts = texts.map(|entry| &entry.field);
    texts
        .filter(|text| read.contains(text) && !read.iter().any(|path| is_below(path, text)))
        .collect()
}

/// The event with the log type of the source and what tells its events under this type, where it says none; nothing where it
/// says another.
fn of_source(source: &LogSourceMap, event: &Value) -> Option<Value> {
    let mut event = event.clone();
    let log_type = match event.as_object()?.get(LOG_TYPE) {
        None | Some(Value::Null) => None,
        Some(told) => Some(told.as_str()?.to_owned()),
    };
    let is_own = |name: &str| log_type.as_ref().is_none_or(|told| told == name);
    let mut log_types = source.panther.iter();
    let Some(named) = log_types.find(|named| is_own(&named.name)) else {
        return source.panther.is_empty().then_some(event);
    };
    rows::put(
        &mut event,
        &[Segment::Key(LOG_TYPE.to_owned())],
        Value::from(named.name.as_str()),
    );
    for (field, values) in &named.only {
        let path = FieldPath::parse(field).ok()?;
        tell(&mut event, &path, values);
    }
    eval::holds(&named.condition(), &event).then_some(event)
}

/// Whether the values that tell parts of the source from each other are spelt as its map says, as they are in all its records.
fn is_spelt(source: &LogSourceMap, event: &Value) -> bool {
    let of_sigma = source.sigma.iter().flat_map(|named| &named.only);
    let mut told = source
        .panther
        .iter()
        .flat_map(|named| &named.only)
        .chain(of_sigma);
    told.all(|(field, values)| {
        let path = FieldPath::parse(field).unwrap_or_default();
        let Some(own) = rows::get(event, &path.segments).and_then(Value::as_str) else {
            return true;
        };
        let mut texts = values.iter().filter_map(Literal::as_text);
        texts.all(|text| text == own || !text.eq_ignore_ascii_case(own))
    })
}

/// Whether the event has a field that no record of the source has.
fn has_never(source: &LogSourceMap, event: &Value) -> bool {
    fn below(source: &LogSourceMap, value: &Value, path: &FieldPath) -> bool {
        let Value::Object(entries) = value else {
            return false;
        };
        entries.iter().any(|(key, value)| {
            let path = path.key(key.clone());
            source.is_never(&path) || below(source, value, &path)
        })
    }
    below(source, event, &FieldPath::root())
}

/// Whether the rule selects the event, be it by its pipeline.
pub(super) fn selects(rule: &Rule, event: &Value) -> bool {
    if rule.is_about_rows() {
        return makes_rows(rule, std::slice::from_ref(event));
    }
    eval::matches_at(rule, event, NOW)
}

/// Whether the rule's pipeline makes rows of the events.
pub(super) fn makes_rows(rule: &Rule, events: &[Value]) -> bool {
    let Some(pipeline) = &rule.pipeline else {
        return false;
    };
    let events: Vec<(LogSource, Vec<Value>)> = rule
        .log_sources
        .iter()
        .map(|source| (source.clone(), events.to_vec()))
        .collect();
    pipeline::rows(pipeline, &events, Some(NOW)).is_ok_and(|made| !made.rows.is_empty())
}
