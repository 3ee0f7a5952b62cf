//! A correlation to the documents of its members and, behind them, its own: all that it needs is in one file.
//!
//! A member is referred to by the name that it has in Sigma, else by its id there, else by a name made for it. What the members
//! have in common is a group; where a field of theirs is not called so, the group is an alias. A member that must match several
//! times is a count in between. Refused: a member whose rule is not at hand or is on several log sources, an order with
//! an absence, and steps that differ in their time or fields.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::correlation::timespan;
use super::document::{Document, Names, name};
use super::measure;
use super::predicate::Speller;
use super::{metadata, one};
use crate::analysis::{Fidelity, Report};
use crate::backend::{Context, is_guid, not_at_hand, spread};
use crate::ir::{Correlation, FieldPath, Member, Pattern, Rule, SameValue, Transition};
use crate::schema::{LogSourceMap, sigma};

/// The documents; `None` where the report says what Sigma cannot express.
pub(super) fn documents(
    rule: &Rule,
    correlation: &Correlation,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<Document>> {
    let mut file = File {
        context,
        documents: Vec::new(),
        written: Vec::new(),
        names: Names::default(),
    };
    file.reserve(rule);
    file.correlation(rule, correlation, None, report)?;
    Some(file.documents)
}

/// The documents so far.
struct File<'f> {
    context: &'f Context<'f>,
    documents: Vec<Document>,
    /// The rules among them, and how they are referred to.
    written: Vec<(Rule, String)>,
    names: Names,
}

/// A member as the correlation refers to it.
pub(super) struct Written<'f> {
    reference: String,
    definition: &'f Rule,
    map: Option<&'f LogSourceMap>,
}

/// The name that a rule has in Sigma.
fn own_name(rule: &Rule) -> Option<String> {
    let preserved = metadata::preserved(rule);
    preserved.get("name")?.as_str().map(str::to_owned)
}

impl File<'_> {
    /// Keeps the names that rules have in Sigma for them.
    fn reserve(&mut self, rule: &Rule) {
        if let Some(name) = own_name(rule) {
            self.names.take(&name);
        }
        let members = rule.correlation.iter().flat_map(|it| &it.members);
        for definition in members.filter_map(|member| member.definition.as_deref()) {
            self.reserve(definition);
        }
    }

    /// How a rule is referred to, and whether its document needs that as a name.
    fn reference(&mut self, rule: &Rule, plain: bool) -> (String, bool) {
        let is_taken = |name: &String| self.written.iter().any(|(_, other)| other == name);
        if let Some(name) = own_name(rule).filter(|name| !is_taken(name)) {
            return (name, false);
        }
        let id = &rule.metadata.id;
        if rule.preserved.format == metadata::FORMAT && is_guid(id) && !plain {
            return (metadata::id(&rule.metadata), false);
        }
        (self.names.fresh(&name(rule)), true)
    }

    fn push(&mut self, mut document: Document) {
        document.follows = !self.documents.is_empty();
        self.documents.push(document);
    }

    /// Writes a member's rule, unless it is written; how it is referred to.
    fn rule(&mut self, rule: &Rule, plain: bool, report: &mut Report) -> Option<String> {
        let known = self.written.iter().find(|(other, _)| other == rule);
        if let Some((_, reference)) = known {
            return Some(reference.clone());
        }
        let (reference, named) = self.reference(rule, plain);
        if let Some(correlation) = &rule.correlation {
            self.correlation(rule, correlation, named.then_some(&reference), report)?;
        } else {
            if spread::by_source(rule, self.context).len() > 1 {
                let what = format!("member {}", rule.metadata.id);
                let reason = "Sigma has a rule for each log source, and a correlation has all of its members at once";
                report.refuse(what, rule.origin, reason);
                return None;
            }
            let told = spread::alone(rule, self.context);
            let alone = told.as_ref().unwrap_or(rule);
            let mut documents = one(alone, self.context, &mut self.names, report)?;
            if let Some(own) = documents.last_mut().filter(|_| named) {
                own.call(&reference);
            }
            for document in documents {
                self.push(document);
            }
        }
        self.written.push((rule.clone(), reference.clone()));
        Some(reference)
    }

    /// Writes the members and the correlation itself, under a name of its own where it is given one.
    fn correlation(
        &mut self,
        rule: &Rule,
        correlation: &Correlation,
        called: Option<&String>,
        report: &mut Report,
    ) -> Option<()> {
        let plain = correlation.members.iter().any(|member| member.absent);
        let mut members: Vec<Written<'_>> = Vec::new();
        for (at, member) in correlation.members.iter().enumerate() {
            let Some(definition) = member.definition.as_deref() else {
                let what = format!("member {}", member.rule);
                report.refuse(what, correlation.origin, not_at_hand(correlation, at));
                return None;
            };
            let reference = self.rule(definition, plain, report)?;
            let source = definition.log_sources.first();
            members.push(Written {
                reference,
                definition,
                map: source.and_then(|source| self.context.crosswalk.of(source)),
            });
        }
        let built = self.section(rule, correlation, &mut members);
        match built {
            Ok(section) => {
                notes(correlation, report);
                let mut document = Document::about(rule, &section, report);
                if let Some(name) = called {
                    document.call(name);
                }
                self.push(document);
                Some(())
            }
            Err(reason) => {
                report.refuse("correlation", correlation.origin, reason);
                None
            }
        }
    }

    fn section(
        &mut self,
        rule: &Rule,
        correlation: &Correlation,
        members: &mut [Written<'_>],
    ) -> Result<Map<String, Value>, String> {
        let (same, window) = common(correlation)?;
        let mut groups = Vec::new();
        let mut aliases = Map::new();
        for value in &same {
            let means =
                |(member, field): (&Written<'_>, &FieldPath)| member.path(&value.name) == *field;
            let mut pairs = members.iter().zip(&value.fields);
            if !pairs.all(means) {
                let mut fields = Map::new();
                for (member, field) in members.iter().zip(&value.fields) {
                    fields.insert(member.reference.clone(), member.name(field)?.into());
                }
                aliases.insert(value.name.clone(), fields.into());
            }
            groups.push(value.name.clone());
        }
        for ((member, written), at) in correlation.members.iter().zip(members.iter_mut()).zip(0..) {
            if member.most.is_some() {
                return Err("Sigma does not say how often a member may match at most".to_owned());
            }
            if member.least > 1 {
                self.counted(rule, member, written, (&same, at), window)?;
            }
        }
        let (kind, condition) = asked(correlation, members)?;
        let mut section = Map::new();
        let mut put = |key: &str, value: Value| section.insert(key.to_owned(), value);
        put("type", kind.into());
        let rules = members.iter().map(|member| member.reference.as_str());
        put("rules", rules.collect());
        if correlation.members.iter().all(|member| member.alerts) {
            put("generate", true.into());
        }
        if !groups.is_empty() {
            put("group-by", groups.into());
        }
        put("timespan", timespan(window).into());
        if let Some(condition) = condition {
            put("condition", condition);
        }
        if !aliases.is_empty() {
            put("aliases", aliases.into());
        }
        Ok(section)
    }

    /// Writes the count of a member that must match several times; it is what the correlation refers to then.
    fn counted(
        &mut self,
        rule: &Rule,
        member: &Member,
        written: &mut Written<'_>,
        (same, at): (&[SameValue], usize),
        window: Duration,
    ) -> Result<(), String> {
        let mut groups = Vec::new();
        for value in same {
            let field = value
                .fields
                .get(at)
                .ok_or("a value in common is not complete")?;
            let name = written.name(field)?;
            if name != value.name {
                return Err(format!(
                    "a count in between keeps the names of fields, and `{name}` is `{}` for the correlation",
                    value.name
                ));
            }
            groups.push(name);
        }
        let name = self
            .names
            .fresh(&format!("several_{}", written.reference.replace('-', "_")));
        let title = metadata::title(&written.definition.metadata);
        let title: String = title.chars().take(230).collect();
        let mut section = Map::new();
        let mut put = |key: &str, value: Value| section.insert(key.to_owned(), value);
        put("type", "event_count".into());
        put("rules", json!([written.reference]));
        if !groups.is_empty() {
            put("group-by", groups.into());
        }
        put("timespan", timespan(window).into());
        put("condition", json!({"gte": member.least}));
        let id = metadata::count_id(&rule.metadata, &name);
        let title = format!("{title} - Several Matches");
        self.push(Document::correlating(&title, id, &name, &section));
        written.reference = name;
        Ok(())
    }
}

impl Written<'_> {
    /// What the rule's matches have under a name.
    fn path(&self, name: &str) -> FieldPath {
        match self.definition.correlation {
            Some(_) => FieldPath::keys([name]),
            None => sigma::path_of(self.map, name),
        }
    }

    /// The name of a field of the rule's matches.
    pub(super) fn name(&self, field: &FieldPath) -> Result<String, String> {
        match &self.definition.correlation {
            Some(_) => Ok(field.to_string()),
            None => Speller { map: self.map }.name(field),
        }
    }
}

/// What all members have in common, and the time in which all of it must happen. The steps of a sequence that ask for the same
/// values one after the other ask for a value in common.
fn common(correlation: &Correlation) -> Result<(Vec<SameValue>, Duration), String> {
    let mut same = correlation.same.clone();
    let mut window = correlation.window;
    if let Pattern::Sequence { transitions } = &correlation.pattern {
        for within in transitions.iter().filter_map(|step| step.within) {
            match Duration::from_secs(within) {
                within if within >= window => {}
                within if transitions.len() == 1 => window = within,
                _ => return Err("Sigma has one time for all steps of a sequence".to_owned()),
            }
        }
        same.extend(chained(transitions)?);
    }
    if window.as_secs() == 0 {
        return Err("a correlation requires a window".to_owned());
    }
    Ok((same, window))
}

/// The value that the steps hand on, if they ask for one.
fn chained(transitions: &[Transition]) -> Result<Option<SameValue>, String> {
    let mut fields: Vec<FieldPath> = Vec::new();
    for step in transitions {
        let Some((from, to)) = &step.fields else {
            continue;
        };
        match fields.last() {
            None => fields.push(from.clone()),
            Some(last) if last == from => {}
            Some(_) => return Err("Sigma has the same fields for all steps of a sequence".into()),
        }
        fields.push(to.clone());
    }
    if fields.is_empty() {
        return Ok(None);
    }
    if fields.len() != transitions.len() + 1 {
        return Err("Sigma has the same fields for all steps of a sequence".into());
    }
    let name = fields.first().map(FieldPath::to_string).unwrap_or_default();
    Ok(Some(SameValue { name, fields }))
}

/// The type and what it asks for.
fn asked(
    correlation: &Correlation,
    members: &[Written<'_>],
) -> Result<(&'static str, Option<Value>), String> {
    let absent = correlation.members.iter().any(|member| member.absent);
    match &correlation.pattern {
        Pattern::Group { least } if absent => {
            if least.is_some() {
                return Err("Sigma asks for the absence of a rule beside all others only".into());
            }
            let sides = [false, true].into_iter().flat_map(|side| {
                let pairs = correlation.members.iter().zip(members);
                let of = pairs.filter(move |(member, _)| member.absent == side);
                of.map(move |(_, written)| {
                    let not = if side { "not " } else { "" };
                    format!("{not}{}", written.reference)
                })
            });
            let condition = sides.collect::<Vec<String>>().join(" and ");
            Ok(("temporal", Some(condition.into())))
        }
        Pattern::Group { least } => {
            // Without a condition some engines take one rule to be enough.
            let least = least.unwrap_or(members.len() as u64);
            Ok(("temporal", Some(json!({"gte": least}))))
        }
        Pattern::Sequence { .. } if absent => {
            Err("Sigma does not say where in an order the absence of a rule is".to_owned())
        }
        Pattern::Sequence { .. } => Ok(("temporal_ordered", None)),
        Pattern::Count {
            measures,
            bound,
            also,
        } => measure::asked(measures, *bound, *also, members),
    }
}

/// Reports what is said, and what is said in other words than in the source.
fn notes(correlation: &Correlation, report: &mut Report) {
    for member in &correlation.members {
        let what = format!("matches of {}", member.rule);
        if member.absent && correlation.schedule.is_some() {
            let reason = "engines ask for the absence at the time of the last match, and a run also sees what comes after it";
            report.record_count(Fidelity::Wider, what, correlation.origin, reason);
        } else {
            report.exact(what, correlation.origin);
        }
    }
    let alerting = correlation
        .members
        .iter()
        .filter(|member| member.alerts)
        .count();
    if alerting > 0 && alerting < correlation.members.len() {
        let reason = "Sigma has an alert of every member or of none";
        report.record(
            Fidelity::Unsupported,
            "alerts of members",
            correlation.origin,
            reason,
        );
    }
    if correlation.schedule.is_some() {
        let reason = "Sigma leaves the time of a run to the engine";
        report.record(
            Fidelity::Unsupported,
            "schedule",
            correlation.origin,
            reason,
        );
    }
}
