//! A rule's threshold to sequences of events about its boundary: one below, at it, one above; the last of them at the window's end
//! and past it; one of them of another group.
//!
//! A window that slides has both of its ends, others only the first; "past" is therefore a second after the end.
//! All sequences start at a multiple of the window's length, where every kind of window starts alike. Within one window the two
//! sides therefore have to agree as they do on events; past its end, where neither counts per run, and over a
//! boundary of the clock they may differ as the report says that they count. What is measured gets values that no two events share, so far as the selection takes them.

use serde_json::{Value, json};

use super::view::{NOW, Seen, View, makes_rows, selects};
use crate::eval;
use crate::ir::compute::compute;
use crate::ir::{
    Comparison, FieldPath, Function, Measure, Rule, Segment, Term, Threshold, WindowKind,
};
use crate::schema::rows::{get, put};

/// The start of 1970 in ticks of 100 nanoseconds.
const EPOCH: i64 = 621_355_968_000_000_000;

/// The time that every row of Log Analytics has; where no field of the event stands in it, it is that of the event, too.
const INGESTED: &str = "TimeGenerated";

/// Counts beyond this are not asked for.
const MOST: usize = 1_000;

/// A sequence of events, each with its time in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sequence {
    /// What it shows.
    pub(super) what: &'static str,
    /// The events.
    pub(super) events: Vec<(i64, Value)>,
    /// Where it lies.
    pub(super) span: Reach,
}

/// Where the events of a sequence lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// In one window of every kind.
    Within,
    /// So far apart that no window holds all of them.
    Past,
    /// In one window of some kinds.
    Over,
}

/// The sequences for a threshold, made of an event that the rule selects; none where the count is beyond what is asked for.
pub(super) fn sequences(rule: &Rule, hit: &Value) -> Vec<Sequence> {
    let Some(threshold) = &rule.threshold else {
        return Vec::new();
    };
    let base = whole(threshold.count).filter(|count| *count <= MOST);
    match (&threshold.measure, base) {
        (Measure::Count, Some(at)) => counted(threshold, &vec![hit.clone(); at + 1], hit, rule),
        (Measure::DistinctCount(term), Some(at)) => {
            let events = distinct(rule, term, hit, at + 1);
            counted(threshold, &events, hit, rule)
        }
        (Measure::Sum(term) | Measure::Average(term) | Measure::Percentile { of: term, .. }, _) => {
            measured(rule, threshold, term, hit)
        }
        (Measure::Count | Measure::DistinctCount(_), None) => Vec::new(),
    }
}

fn whole(count: f64) -> Option<usize> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "negative counts and those beyond every limit become 0 and the largest"
    )]
    let whole = count.ceil() as usize;
    (count.is_finite() && count >= 0.0).then_some(whole)
}

/// Sequences of the first events: `events` are one more than the count.
fn counted(threshold: &Threshold, events: &[Value], hit: &Value, rule: &Rule) -> Vec<Sequence> {
    let Some(at) = events.len().checked_sub(1).filter(|at| *at > 0) else {
        return Vec::new();
    };
    // What alerts at more than the count has its boundary one further.
    let at = match threshold.comparison {
        Comparison::GreaterThan | Comparison::AtMost => at + 1,
        Comparison::AtLeast | Comparison::LessThan | Comparison::Equal | Comparison::NotEqual => at,
    };
    let length = i64::try_from(threshold.window.as_secs()).unwrap_or(i64::MAX);
    let length = length.clamp(1, i64::MAX / 4);
    let start = (NOW / 1_000_000).div_euclid(length) * length;
    let together = |count: usize| -> Vec<(i64, Value)> {
        let first = events.iter().take(count);
        first.map(|event| (start, event.clone())).collect()
    };
    let within = |what, events| Sequence {
        what,
        events,
        span: Reach::Within,
    };
    let mut found = vec![
        within("one below the count", together(at.saturating_sub(1))),
        within("as many as the count", together(at)),
        within("one more than the count", together(at + 1)),
    ];
    if at >= 2 {
        found.extend(spread(together(at), start, length));
        if let Some(other) = elsewhere(rule, threshold, hit) {
            let mut events = together(at);
            if let Some(last) = events.last_mut() {
                last.1 = other;
            }
            found.push(within("one of them of another group", events));
        }
    }
    found.retain(|sequence| !sequence.events.is_empty());
    found
}

/// Events that start together, with the last at the window's end, past it, and over a boundary of the clock.
fn spread(together: Vec<(i64, Value)>, start: i64, length: i64) -> [Sequence; 3] {
    let last = |mut events: Vec<(i64, Value)>, time: i64| {
        if let Some(last) = events.last_mut() {
            last.0 = time;
        }
        events
    };
    let shifted = |(time, event): (i64, Value)| (time + length / 2 + 1, event);
    let over = last(together.clone(), start + length / 2).into_iter();
    let over: Vec<(i64, Value)> = over.map(shifted).collect();
    [
        Sequence {
            what: "the last in the window's last second",
            events: last(together.clone(), start + length - 1),
            span: Reach::Within,
        },
        Sequence {
            what: "the last when the window has ended",
            events: last(together, start + length + 1),
            span: Reach::Past,
        },
        Sequence {
            what: "over a boundary of the clock",
            events: over,
            span: Reach::Over,
        },
    ]
}

/// Sequences of one event with numbers about the bound.
fn measured(rule: &Rule, threshold: &Threshold, term: &Term, hit: &Value) -> Vec<Sequence> {
    let Some(path) = field(term) else {
        return Vec::new();
    };
    let numbers = [
        ("a number below the bound", threshold.count - 1.0),
        ("the bound", threshold.count),
        ("a number above the bound", threshold.count + 1.0),
    ];
    let made = numbers.into_iter().filter_map(|(what, number)| {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a bound beyond whole numbers stays one that is not whole"
        )]
        let value = if number.fract() == 0.0 {
            json!(number as i64)
        } else {
            json!(number)
        };
        let mut event = hit.clone();
        put(&mut event, &path.segments, value);
        selects(rule, &event).then(|| Sequence {
            what,
            events: vec![(NOW / 1_000_000, event)],
            span: Reach::Within,
        })
    });
    made.collect()
}

/// The field that the term is; nothing where it is computed or lies in the items of a list.
fn field(term: &Term) -> Option<&FieldPath> {
    match term {
        Term::Field(path) if !path.segments.contains(&Segment::Each) => Some(path),
        _ => None,
    }
}

/// The fields that the term reads, other than of items.
fn fields(term: &Term) -> Vec<&FieldPath> {
    let fields = term.fields().into_iter();
    fields.filter(|path| !path.has_each()).collect()
}

/// Other values of the kind that the event has at the path.
fn others(event: &Value, path: &FieldPath, at: usize) -> [Value; 3] {
    let number = json!(at);
    let text = match get(event, &path.segments) {
        Some(Value::String(text)) => format!("{text}{at}"),
        Some(Value::Number(_)) => {
            return [
                number,
                json!(format!("value{at}")),
                json!(format!("10.0.{}.{}", at / 250, at % 250)),
            ];
        }
        _ => format!("value{at}"),
    };
    [
        json!(text),
        json!(format!("10.0.{}.{}", at / 250, at % 250)),
        number,
    ]
}

/// The event with another value in one of the fields, which the rule still selects and of which `tells` holds.
fn changed(
    rule: &Rule,
    event: &Value,
    term: &Term,
    at: usize,
    tells: &dyn Fn(&Value) -> bool,
) -> Option<Value> {
    fields(term).into_iter().find_map(|path| {
        others(event, path, at).into_iter().find_map(|other| {
            let mut changed = event.clone();
            put(&mut changed, &path.segments, other);
            (selects(rule, &changed) && tells(&changed)).then_some(changed)
        })
    })
}

/// Events of one group, no two of which are measured alike; fewer where the selection takes no more.
fn distinct(rule: &Rule, term: &Term, hit: &Value, count: usize) -> Vec<Value> {
    let group = |event: &Value| group(rule, event);
    let own = group(hit);
    let mut events: Vec<Value> = Vec::new();
    let mut measured: Vec<Option<Value>> = Vec::new();
    for at in 1..=count {
        let is_new = |event: &Value| {
            let value = eval::value(term, event);
            value.as_ref().is_some_and(|value| !value.is_null())
                && !measured.contains(&value)
                && group(event) == own
        };
        let Some(event) = changed(rule, hit, term, at, &is_new) else {
            return Vec::new();
        };
        measured.push(eval::value(term, &event));
        events.push(event);
    }
    events
}

/// The values by which the event is grouped.
fn group(rule: &Rule, event: &Value) -> Vec<Option<Value>> {
    let threshold = rule.threshold.iter();
    let terms = threshold.flat_map(|threshold| &threshold.group_by);
    terms.map(|term| eval::value(term, event)).collect()
}

/// The event in another group.
fn elsewhere(rule: &Rule, threshold: &Threshold, hit: &Value) -> Option<Value> {
    let own = group(rule, hit);
    let is_other = |event: &Value| group(rule, event) != own;
    let mut terms = threshold.group_by.iter();
    terms.find_map(|term| changed(rule, hit, term, 7, &is_other))
}

/// Whether both kinds of windows come to an end.
pub(super) fn end(rule: &Rule, view: &View<'_>) -> bool {
    let mut rules = std::iter::once(rule).chain(view.rules.iter().copied());
    rules.all(|rule| {
        let threshold = rule.threshold.as_ref();
        threshold.is_some_and(|threshold| threshold.window_kind != WindowKind::PerRun)
    })
}

/// The events of a sequence as both sides see them; nothing where one of them cannot be.
pub(super) fn seen(sequence: &Sequence, view: &View<'_>) -> Option<Vec<(i64, Seen)>> {
    let about_rows = view.rules.iter().any(|rule| rule.is_about_rows());
    let time_of = view.time().filter(|_| about_rows);
    let mut before: Option<(&Value, i64, Seen)> = None;
    let mut all = Vec::with_capacity(sequence.events.len());
    for (time, event) in &sequence.events {
        // Most sequences are one event again and again.
        if let Some((last, at, seen)) = &before
            && *last == event
            && (time_of.is_none() || at == time)
        {
            all.push((*time, seen.clone()));
            continue;
        }
        let mut timed = event.clone();
        if let Some(path) = time_of {
            put(&mut timed, &path.segments, spelt(*time)?);
        }
        let mut seen = view.seen(&timed)?;
        if time_of.is_some()
            && let Value::Object(row) = &mut seen.target
            && !row.contains_key(INGESTED)
        {
            row.insert(INGESTED.to_owned(), spelt(*time)?);
        }
        before = Some((event, *time, seen.clone()));
        all.push((*time, seen));
    }
    Some(all)
}

/// The event at a time, where the view knows which field holds it; nothing where the time cannot be spelt.
pub(super) fn timed(view: &View<'_>, seconds: i64, event: &Value) -> Option<Value> {
    let mut event = event.clone();
    if let Some(path) = view.time() {
        put(&mut event, &path.segments, spelt(seconds)?);
    }
    Some(event)
}

/// A point in time as ISO 8601 spells it.
fn spelt(seconds: i64) -> Option<Value> {
    let ticks = seconds.checked_mul(10_000_000)?.checked_add(EPOCH)?;
    compute(Function::MomentText, &[&json!(ticks)])
}

/// Whether the rule alerts on the events.
pub(super) fn alerts(rule: &Rule, events: &[(i64, Value)]) -> bool {
    if rule.is_about_rows() {
        let events: Vec<Value> = events.iter().map(|(_, event)| event.clone()).collect();
        return makes_rows(rule, &events);
    }
    !eval::alerts(rule, events).is_empty()
}
