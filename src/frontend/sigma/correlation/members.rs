//! A correlation that is more than a count over one log source, to a rule about its members.
//!
//! Its alerts have the values that it groups by. Of what a temporal correlation asks in its condition, `gte` and `gt` are how many
//! of the rules must match, and names are those that must and must not. What it does not say of itself it does not have, but for
//! its severity and its place in ATT&CK, which are those of its members.

use serde_json::Value;

use super::extended::{self, Extended};
use super::section::{Section, of_whole};
use super::{Base, bounds};
use crate::diagnostic::Code;
use crate::ir::{
    Comparison, Correlation, Member, Metadata, Origin, Pattern, Rule, SameValue, Shared, Transition,
};

/// The rule about these rules.
pub(super) fn lower(section: &mut Section<'_, '_>, bases: Vec<Base>, counts: bool) -> Option<Rule> {
    let mut same = Vec::new();
    for name in section.groups()? {
        let mut fields = Vec::new();
        for base in &bases {
            fields.push(section.path(&name, base, "group-by")?);
        }
        same.push(SameValue { name, fields });
    }
    let pattern = if counts {
        count(section, &bases)?
    } else {
        pattern(section, bases.len())?
    };
    let absent = absent(section, &bases, counts)?;
    let window = section.timespan()?;
    let (mut metadata, preserved) = section.read.metadata(section.diagnostics);
    inherit(&mut metadata, section, &bases);
    let alerts = super::generates(&section.read.content);
    let members = bases.into_iter().zip(absent);
    let members = members.map(|(base, absent)| Member {
        absent,
        alerts,
        rule: id(&base),
        name: base.word,
        definition: Some(Shared::new(base.rule)),
        ..Member::new("", "")
    });
    let mut rule = Rule::new(metadata);
    let names = section.read.texts("fields", section.diagnostics);
    let outputs = names.iter().enumerate();
    rule.outputs = outputs
        .map(|(at, name)| section.read.output(None, at, name))
        .collect();
    rule.correlation = Some(Correlation {
        members: members.collect(),
        same,
        pattern,
        window,
        order: None,
        schedule: None,
        origin: Origin(section.span("type")),
    });
    rule.preserved = preserved;
    Some(rule)
}

/// The id of the rule, or else a word that it is known by.
fn id(base: &Base) -> String {
    let id = &base.rule.metadata.id;
    if id.is_empty() { &base.word } else { id }.clone()
}

fn inherit(metadata: &mut Metadata, section: &Section<'_, '_>, bases: &[Base]) {
    if section.read.content.get("level").is_none_or(Value::is_null) {
        let severities = bases.iter().map(|base| base.rule.metadata.severity);
        metadata.severity = severities.max().unwrap_or_default();
    }
    if metadata.attack.is_empty() {
        for attack in bases.iter().flat_map(|base| &base.rule.metadata.attack) {
            if !metadata.attack.contains(attack) {
                metadata.attack.push(attack.clone());
            }
        }
    }
}

/// A count of the matches of all rules together.
fn count(section: &mut Section<'_, '_>, bases: &[Base]) -> Option<Pattern> {
    let asked = section.asked()?;
    let mut measures = Vec::new();
    for base in bases {
        measures.push(section.measure(&asked, base)?);
    }
    let (bound, also) = bounds(&asked, measures.first()?);
    Some(Pattern::Count {
        measures,
        bound,
        also,
    })
}

/// What a temporal correlation of so many rules asks for, besides absent ones.
fn pattern(section: &mut Section<'_, '_>, members: usize) -> Option<Pattern> {
    let ordered = section.kind() == "temporal_ordered" && members > 1;
    let least = match section.get("condition") {
        None | Some(Value::String(_)) => None,
        Some(_) => {
            let least = least(section, members as u64)?;
            Some(least).filter(|least| *least < members as u64)
        }
    };
    if !ordered {
        return Some(Pattern::Group { least });
    }
    if least.is_some() {
        let message = "some of several rules in order is not supported: engines disagree whether the others may come in between";
        return section.refuse(Code::SigmaUnsupported, message, "condition");
    }
    let step = Transition {
        name: None,
        within: None,
        fields: None,
    };
    Some(Pattern::Sequence {
        transitions: vec![step; members - 1],
    })
}

/// How many of the rules must match.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number of rules is small, and is compared before it is cast"
)]
fn least(section: &mut Section<'_, '_>, members: u64) -> Option<u64> {
    let asked = section.asked()?;
    let bound = of_whole(asked.first, true);
    let least = bound.count.ceil();
    let in_range = least >= 1.0 && least <= members as f64;
    let alone = asked.second.is_none() && asked.fields.is_empty();
    let reached = match bound.comparison {
        Comparison::AtLeast => true,
        // As many as there are is all of them.
        Comparison::Equal => bound.count >= members as f64,
        _ => false,
    };
    if alone && in_range && reached {
        return Some(least as u64);
    }
    let message = format!(
        "the condition of a temporal correlation requires `gte` with a number from 1 to {members}, that of its rules"
    );
    section.refuse(Code::SigmaUnsupported, message, "condition")
}

/// Which of the rules must not match.
fn absent(section: &mut Section<'_, '_>, bases: &[Base], counts: bool) -> Option<Vec<bool>> {
    let none = || Some(vec![false; bases.len()]);
    let Some(Value::String(condition)) = section.get("condition").filter(|_| !counts) else {
        return none();
    };
    let Extended { members } = match extended::parse(condition) {
        Ok(read) => read,
        Err(message) => return section.refuse(Code::SigmaUnsupported, message, "condition"),
    };
    let is_named = |base: &Base, name: &str| base.words.iter().any(|word| word == name);
    let unknown = members
        .iter()
        .find(|(name, _)| !bases.iter().any(|base| is_named(base, name)));
    if let Some((name, _)) = unknown {
        let message = format!("the condition names `{name}`, which is not among the `rules`");
        return section.refuse(Code::YamlShape, message, "condition");
    }
    let mut absent = Vec::new();
    for base in bases {
        let Some((_, is_absent)) = members.iter().find(|(name, _)| is_named(base, name)) else {
            let message = format!(
                "the condition does not say whether `{}` is to match",
                base.word
            );
            return section.refuse(Code::YamlShape, message, "condition");
        };
        absent.push(*is_absent);
    }
    if absent.iter().all(|absent| *absent) {
        let message = "a correlation requires a rule that matches";
        return section.refuse(Code::SigmaUnsupported, message, "condition");
    }
    if section.kind() == "temporal_ordered" && absent.contains(&true) {
        let message =
            "the absence of a rule has no place in an order: engines disagree where it is";
        return section.refuse(Code::SigmaUnsupported, message, "condition");
    }
    Some(absent)
}
