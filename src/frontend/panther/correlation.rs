//! Correlation rules: a `Detection` over the alerts of other rules, to a rule with a [`Correlation`].
//!
//! Read is one `Group` with at most one match criterion, which names a field of every member, or one `Sequence` with a transition
//! between each member and the next, on at most one pair of fields. Everything else is refused at its key; whether the members'
//! rules exist is not asked. A test's `RuleOutputs` become the event of the test, under the names of the members.

#![allow(
    clippy::option_option,
    reason = "the outer one says whether it was understood, the inner one whether it is there"
)]

use std::time::Duration;

use serde_json::{Map, Value};

use super::Context;
use super::document::Fields;
use super::simple::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Correlation, EvaluationOrder, FieldPath, Interval, Member, Origin, Pattern, Rule, RuleTest,
    Runs, SameValue, Transition,
};
use crate::syntax::yaml::Step;

/// The time looked back where the document names none, in minutes.
const LOOKBACK: u64 = 15;

/// The rule of the document, or nothing where it cannot be read whole.
pub(super) fn import(mut fields: Fields<'_>, context: &mut Context<'_>) -> Option<Rule> {
    let diagnostics = &mut *context.diagnostics;
    let metadata = fields.metadata(diagnostics);
    let detection = fields.take_value("Detection").unwrap_or_default();
    let mut reader = Reader::new(fields.document(), "Detection", diagnostics);
    let correlation = whole(&mut reader, &detection);
    let mut rule = Rule::new(metadata?);
    let mut correlation = correlation?;
    correlation.origin = Origin(fields.key_span("Detection"));
    rule.origin = fields.whole().into();
    rule.tests = tests(&mut fields, &correlation, diagnostics).into();
    rule.correlation = Some(correlation);
    rule.preserved = fields.leftover(diagnostics);
    Some(rule)
}

fn whole<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Correlation> {
    match value.as_array().map(Vec::as_slice) {
        Some([one]) => reader.at(Step::Item(0), |reader| correlation(reader, one)),
        _ => reader.problem("the `Detection` of a correlation rule must hold one correlation"),
    }
}

fn correlation<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Correlation> {
    let keys = &[
        "Group",
        "Sequence",
        "MatchCriteria",
        "Transitions",
        "EventEvaluationOrder",
        "LookbackWindowMinutes",
        "Schedule",
    ];
    let map = mapping(reader, value, keys)?;
    let (kind, other) = match (map.get("Group"), map.get("Sequence")) {
        (Some(members), None) => (("Group", members), "Transitions"),
        (None, Some(members)) => (("Sequence", members), "MatchCriteria"),
        _ => return reader.problem("a correlation must have a `Group` or a `Sequence`"),
    };
    if map.contains_key(other) {
        return reader.at(Step::Key(other), |reader| {
            reader.problem(format!("a `{}` has no `{other}`", kind.0))
        });
    }
    let members = reader.at(Step::Key(kind.0), |reader| members(reader, kind.1))?;
    let same = match map.get("MatchCriteria") {
        Some(value) => reader.at(Step::Key("MatchCriteria"), |reader| {
            criterion(reader, value, &members)
        })?,
        None => None,
    };
    let pattern = match kind.0 {
        "Group" => Pattern::Group { least: None },
        _ => Pattern::Sequence {
            transitions: transitions(reader, map, &members)?,
        },
    };
    let minutes = number(reader, map, "LookbackWindowMinutes")?.unwrap_or(LOOKBACK);
    Some(Correlation {
        members,
        same: same.into_iter().collect(),
        pattern,
        window: Duration::from_secs(minutes.saturating_mul(60)),
        order: order(reader, map)?,
        schedule: match map.get("Schedule") {
            Some(value) => Some(reader.at(Step::Key("Schedule"), |reader| runs(reader, value))?),
            None => None,
        },
        origin: Origin::default(),
    })
}

fn members<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Vec<Member>> {
    let mut members: Vec<Member> = Vec::new();
    for (at, value) in list(reader, value)?.iter().enumerate() {
        let member = reader.at(Step::Item(at), |reader| {
            let keys = &["ID", "RuleID", "MinMatchCount", "MaxMatchCount", "Absence"];
            let map = mapping(reader, value, keys)?;
            let member = Member {
                least: number(reader, map, "MinMatchCount")?.unwrap_or(1),
                most: number(reader, map, "MaxMatchCount")?,
                absent: match map.get("Absence") {
                    None => false,
                    Some(Value::Bool(absent)) => *absent,
                    Some(_) => return wrong(reader, "Absence", "a truth value"),
                },
                ..Member::new(text(reader, map, "ID")?, text(reader, map, "RuleID")?)
            };
            if members.iter().any(|other| other.name == member.name) {
                return wrong(reader, "ID", "a name that no other member has");
            }
            if member.least == 0 {
                return wrong(reader, "MinMatchCount", "at least 1");
            }
            Some(member)
        })?;
        members.push(member);
    }
    if members.iter().all(|member| member.absent) {
        return reader.problem("a correlation must have a member that matches");
    }
    Some(members)
}

fn criterion<'r>(
    reader: &mut Reader<'r>,
    value: &'r Value,
    members: &[Member],
) -> Option<Option<SameValue>> {
    let Some(map) = value.as_object() else {
        return reader.problem("`MatchCriteria` must be a mapping");
    };
    let mut entries = map.iter();
    let Some((name, value)) = entries.next() else {
        return Some(None);
    };
    if let Some((second, _)) = entries.next() {
        return unread(reader, second, "more than one match criterion");
    }
    let fields = reader.at(Step::Key(name), |reader| {
        let mut fields: Vec<Option<FieldPath>> = vec![None; members.len()];
        for (at, value) in list(reader, value)?.iter().enumerate() {
            reader.at(Step::Item(at), |reader| {
                let map = mapping(reader, value, &["GroupID", "Match"])?;
                let id = text(reader, map, "GroupID")?;
                let path = path(reader, map, "Match")?;
                let member = members.iter().position(|member| member.name == id);
                let Some(slot) = member.and_then(|member| fields.get_mut(member)) else {
                    return wrong(reader, "GroupID", "the `ID` of a member");
                };
                match slot.replace(path) {
                    None => Some(()),
                    Some(_) => wrong(reader, "GroupID", "named once"),
                }
            })?;
        }
        let all: Option<Vec<FieldPath>> = fields.into_iter().collect();
        match all {
            Some(all) => Some(all),
            None => reader.problem("a match criterion must name a field of every member"),
        }
    })?;
    Some(Some(SameValue {
        name: name.clone(),
        fields,
    }))
}

/// One transition for each member and the next.
fn transitions<'r>(
    reader: &mut Reader<'r>,
    map: &'r Map<String, Value>,
    members: &[Member],
) -> Option<Vec<Transition>> {
    const KEY: &str = "Transitions";
    let before_last = members.len().saturating_sub(1);
    if members[..before_last].iter().any(|member| member.absent) {
        return unread(reader, "Sequence", "an absent member before the last");
    }
    let Some(value) = map.get(KEY) else {
        return reader.problem("a `Sequence` must have `Transitions`");
    };
    reader.at(Step::Key(KEY), |reader| {
        let mut found: Vec<Option<Transition>> = vec![None; before_last];
        for (at, value) in list(reader, value)?.iter().enumerate() {
            reader.at(Step::Item(at), |reader| {
                let keys = &["ID", "From", "To", "WithinTimeFrameMinutes", "Match"];
                let map = mapping(reader, value, keys)?;
                let (from, to) = (text(reader, map, "From")?, text(reader, map, "To")?);
                let pair = members
                    .windows(2)
                    .position(|pair| pair[0].name == from && pair[1].name == to);
                let step = transition(reader, map)?;
                let Some(slot) = pair.and_then(|pair| found.get_mut(pair)) else {
                    return wrong(reader, "To", "the member after `From`");
                };
                match slot.replace(step) {
                    None => Some(()),
                    Some(_) => wrong(reader, "From", "part of one transition"),
                }
            })?;
        }
        let all: Option<Vec<Transition>> = found.into_iter().collect();
        match all.filter(|all| !all.is_empty()) {
            Some(all) => Some(all),
            None => {
                reader.problem("a sequence must have a transition from each member to the next")
            }
        }
    })
}

fn transition<'r>(reader: &mut Reader<'r>, map: &'r Map<String, Value>) -> Option<Transition> {
    let minutes = number(reader, map, "WithinTimeFrameMinutes")?;
    let fields = match map.get("Match") {
        None => None,
        Some(value) => reader.at(Step::Key("Match"), |reader| {
            match list(reader, value)?.as_slice() {
                [] => Some(None),
                [one] => reader.at(Step::Item(0), |reader| {
                    let map = mapping(reader, one, &["On", "From", "To"])?;
                    let (from, to) = match map.contains_key("On") {
                        true if map.len() == 1 => ("On", "On"),
                        true => return reader.problem("a match takes `On`, or `From` and `To`"),
                        false => ("From", "To"),
                    };
                    Some(Some((path(reader, map, from)?, path(reader, map, to)?)))
                }),
                _ => unread(reader, "Match", "a transition on several fields"),
            }
        })?,
    };
    Some(Transition {
        name: map.get("ID").and_then(Value::as_str).map(str::to_owned),
        within: minutes.map(|minutes| minutes.saturating_mul(60)),
        fields,
    })
}

fn order<'r>(
    reader: &mut Reader<'r>,
    map: &'r Map<String, Value>,
) -> Option<Option<EvaluationOrder>> {
    const KEY: &str = "EventEvaluationOrder";
    if !map.contains_key(KEY) {
        return Some(None);
    }
    match text(reader, map, KEY)?.as_str() {
        "Chronological" => Some(Some(EvaluationOrder::Chronological)),
        "ReverseChronological" => Some(Some(EvaluationOrder::ReverseChronological)),
        _ => wrong(reader, KEY, "`Chronological` or `ReverseChronological`"),
    }
}

fn runs<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<Runs> {
    let keys = &["RateMinutes", "CronExpression", "TimeoutMinutes"];
    let map = mapping(reader, value, keys)?;
    let seconds = |minutes: u64| minutes.saturating_mul(60);
    let rate = number(reader, map, "RateMinutes")?;
    let every = match (rate, map.contains_key("CronExpression")) {
        (Some(minutes), false) => Interval::Seconds(seconds(minutes)),
        (None, true) => Interval::Cron(text(reader, map, "CronExpression")?),
        _ => return reader.problem("a schedule must have `RateMinutes` or a `CronExpression`"),
    };
    Some(Runs {
        every,
        timeout: number(reader, map, "TimeoutMinutes")?.map(seconds),
    })
}

/// The mapping with no other keys than the known ones.
fn mapping<'r>(
    reader: &mut Reader<'r>,
    value: &'r Value,
    known: &[&str],
) -> Option<&'r Map<String, Value>> {
    let Some(map) = value.as_object() else {
        return reader.problem("this must be a mapping of keys");
    };
    match map.keys().find(|key| !known.contains(&key.as_str())) {
        None => Some(map),
        Some(key) => unread(reader, key, &format!("the key `{key}`")),
    }
}

fn list<'r>(reader: &mut Reader<'r>, value: &'r Value) -> Option<&'r Vec<Value>> {
    match value.as_array() {
        Some(list) => Some(list),
        None => reader.problem("this must be a list"),
    }
}

fn text<'r>(
    reader: &mut Reader<'r>,
    map: &'r Map<String, Value>,
    key: &'static str,
) -> Option<String> {
    match map.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(_) => wrong(reader, key, "a text"),
        None => reader.problem(format!("the key `{key}` is required")),
    }
}

fn number<'r>(
    reader: &mut Reader<'r>,
    map: &'r Map<String, Value>,
    key: &'static str,
) -> Option<Option<u64>> {
    match map.get(key) {
        None => Some(None),
        Some(value) => match value.as_u64() {
            Some(number) => Some(Some(number)),
            None => wrong(reader, key, "a whole number"),
        },
    }
}

fn path<'r>(
    reader: &mut Reader<'r>,
    map: &'r Map<String, Value>,
    key: &'static str,
) -> Option<FieldPath> {
    let text = text(reader, map, key)?;
    match FieldPath::parse(&text) {
        Ok(path) => Some(path),
        Err(message) => reader.at(Step::Key(key), |reader| reader.problem(message)),
    }
}

fn wrong<T>(reader: &mut Reader<'_>, key: &'static str, wanted: &str) -> Option<T> {
    reader.at(Step::Key(key), |reader| {
        reader.problem(format!("`{key}` must be {wanted}"))
    })
}

/// Something that Panther may know and rulec does not.
fn unread<'r, T>(reader: &mut Reader<'r>, key: &'r str, what: &str) -> Option<T> {
    reader.at(Step::Key(key), |reader| {
        reader.refuse(format!("{what} in a correlation is not read"))
    })
}

/// Whether what is compared of each member is what its rule gives to an alert, and not in the event.
pub(super) fn of_alerts(correlation: &Correlation) -> Vec<bool> {
    let given = FieldPath::keys(["p_alert_context"]);
    let is_given = |at: usize| {
        let compared = correlation.compared(at);
        compared.iter().any(|field| field.starts_with(&given))
    };
    (0..correlation.members.len()).map(is_given).collect()
}

/// Takes the tests.
fn tests(
    fields: &mut Fields<'_>,
    correlation: &Correlation,
    diagnostics: &mut Diagnostics,
) -> Vec<RuleTest> {
    let tests: Vec<Value> = fields.take("Tests", diagnostics).unwrap_or_default();
    let mut found = Vec::new();
    for (at, test) in tests.iter().enumerate() {
        let span = fields
            .document()
            .span(&[Step::Key("Tests"), Step::Item(at)]);
        match read_test(test, correlation) {
            Ok((name, expected, event)) => found.push(RuleTest {
                name,
                event,
                expected,
                origin: Origin(span),
            }),
            Err(message) => {
                diagnostics.push(Diagnostic::warning(Code::TestShape, message).at(span));
            }
        }
    }
    found
}

fn read_test(
    test: &Value,
    correlation: &Correlation,
) -> Result<(String, bool, Value), &'static str> {
    let name = test.get("Name").and_then(Value::as_str);
    let expected = test.get("ExpectedResult").and_then(Value::as_bool);
    let outputs = test.get("RuleOutputs").and_then(Value::as_array);
    let (Some(name), Some(expected), Some(outputs)) = (name, expected, outputs) else {
        return Err("a test must have a `Name`, an `ExpectedResult` and a list of `RuleOutputs`");
    };
    let mut event: Map<String, Value> = Map::new();
    for output in outputs {
        let id = output.get("ID").and_then(Value::as_str);
        let member = id.filter(|id| correlation.members.iter().any(|it| it.name == *id));
        let id = member.ok_or("the `ID` of a rule output must be that of a member")?;
        let matches = matches(output.get("Matches"))?;
        if event.insert(id.to_owned(), matches).is_some() {
            return Err("a test must have one output of a member");
        }
    }
    Ok((name.to_owned(), expected, Value::Object(event)))
}

/// The matches with their fields spelled as the correlation spells them.
fn matches(value: Option<&Value>) -> Result<Value, &'static str> {
    let wanted = "`Matches` must be lists of times, by value, by field";
    let fields = match value {
        None | Some(Value::Null) => return Ok(Value::Object(Map::new())),
        Some(value) => value.as_object().ok_or(wanted)?,
    };
    let mut found = Map::new();
    for (field, values) in fields {
        let lists = values.as_object().ok_or(wanted)?;
        if !lists.values().all(Value::is_array) {
            return Err(wanted);
        }
        let field = FieldPath::parse(field).map_or_else(|_| field.clone(), |path| path.to_string());
        found.insert(field, values.clone());
    }
    Ok(Value::Object(found))
}
