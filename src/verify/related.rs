//! Whether a correlation that was read back is the rule's own, and what the matches of a test are in its words.
//!
//! Members are told by their places: a target has its own names for them. A member that refers to a rule in a file of its own is
//! the same as one that has the same rule at hand; where both have it at hand, the rules have to be the same.

use serde_json::{Map, Value};

use super::equal::Alike;
use super::same::{Seeing, difference};
use super::view::views;
use crate::analysis::Fidelity;
use crate::ir::{Condition, Correlation, FieldPath, Member, Pattern, Rule, Term};

/// Whether both make an alert of the same matches. What a target does not say of the time of its runs is told.
pub(super) fn is_same(own: &Correlation, read: &Correlation, seeing: Seeing<'_>) -> bool {
    let members = || own.members.iter().zip(&read.members);
    let is_on = |fields: &[FieldPath], others: &[FieldPath]| {
        let pairs = fields.iter().zip(others).zip(members());
        fields.len() == others.len()
            && pairs
                .into_iter()
                .all(|((field, other), pair)| is_field(pair, (field, other), seeing))
    };
    let mut values = own.same.iter().zip(&read.same);
    own.members.len() == read.members.len()
        && members().all(|pair| is_member(pair, seeing))
        && own.same.len() == read.same.len()
        && values.all(|(own, read)| own.name == read.name && is_on(&own.fields, &read.fields))
        && own.pattern == read.pattern
        && own.window == read.window
        && own.order == read.order
        && (own.schedule == read.schedule || read.schedule.is_none() && seeing.tells("schedule"))
}

/// Whether both members are matches of the same rule, asked for in the same way.
fn is_member((own, read): (&Member, &Member), seeing: Seeing<'_>) -> bool {
    let asked = |member: &Member| (member.least, member.most, member.absent);
    let is_rule = match (definition(own), definition(read)) {
        (_, None) => own.rule == read.rule && own.name == read.name,
        (None, Some(_)) => false,
        (Some(own), Some(read)) => {
            let back = std::slice::from_ref(read);
            let views = views(own, back, seeing.events, seeing.crosswalk);
            difference(own, back, &views, seeing).is_none()
        }
    };
    asked(own) == asked(read) && is_rule
}

/// Whether two fields of one member are the same. Those of alerts have one name.
fn is_field(
    (own, read): (&Member, &Member),
    (field, other): (&FieldPath, &FieldPath),
    seeing: Seeing<'_>,
) -> bool {
    let of_events = |rule: &&Rule| rule.threshold.is_none() && rule.correlation.is_none();
    let rules = definition(own).filter(of_events).zip(definition(read));
    let Some((own, read)) = rules else {
        return field == other;
    };
    let back = std::slice::from_ref(read);
    let views = views(own, back, seeing.events, seeing.crosswalk);
    let [field, other] = [field, other].map(|path| Term::Field(path.clone()));
    views
        .iter()
        .all(|view| Alike::new(&Condition::TRUE, view.world()).is_equal(&field, &other))
}

fn definition(member: &Member) -> Option<&Rule> {
    member.definition.as_deref()
}

/// The matches of a test under the names that the correlation that was read back has for the members and their fields; nothing
/// where it is about other members.
pub(super) fn matches(own: &Correlation, read: &Correlation, found: &Value) -> Option<Value> {
    let found = found.as_object()?;
    if own.members.len() != read.members.len() {
        return None;
    }
    let mut renamed = Map::new();
    for (at, (member, other)) in own.members.iter().zip(&read.members).enumerate() {
        let Some(fields) = found.get(&member.name) else {
            continue;
        };
        let names = fields_of(own, at).into_iter().zip(fields_of(read, at));
        let names: Vec<(String, String)> = names
            .map(|(own, read)| (own.to_string(), read.to_string()))
            .collect();
        let name = |field: &String| {
            let known = names.iter().find(|(own, _)| own == field);
            known.map_or_else(|| field.clone(), |(_, read)| read.clone())
        };
        let fields = match fields {
            Value::Object(fields) => {
                let fields = fields.iter();
                fields
                    .map(|(field, times)| (name(field), times.clone()))
                    .collect()
            }
            other => other.clone(),
        };
        renamed.insert(other.name.clone(), fields);
    }
    Some(renamed.into())
}

/// The fields of a member that the correlation compares, in its order.
fn fields_of(correlation: &Correlation, member: usize) -> Vec<&FieldPath> {
    let same = correlation.same.iter();
    let mut fields: Vec<&FieldPath> = same.filter_map(|value| value.fields.get(member)).collect();
    if let Pattern::Sequence { transitions } = &correlation.pattern {
        for (at, step) in transitions.iter().enumerate() {
            if let Some((from, to)) = &step.fields {
                fields.extend((at == member).then_some(from));
                fields.extend((at + 1 == member).then_some(to));
            }
        }
    }
    fields
}

impl Seeing<'_> {
    /// Whether the report says that this is not kept as it is.
    fn tells(&self, what: &str) -> bool {
        let mut said = self.report.constructs.iter();
        said.any(|said| said.what == what && said.fidelity != Fidelity::Exact)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::backend::Events;
    use crate::ir::{Interval, Runs, SameValue};
    use crate::schema::Crosswalk;

    fn correlation(names: [&str; 2], field: &str) -> Correlation {
        Correlation {
            members: names.map(|name| Member::new(name, name)).to_vec(),
            same: vec![SameValue {
                name: "who".to_owned(),
                fields: vec![
                    FieldPath::parse(field).unwrap(),
                    FieldPath::parse("b").unwrap(),
                ],
            }],
            pattern: Pattern::Group { least: None },
            window: std::time::Duration::from_secs(60),
            order: None,
            schedule: None,
            origin: crate::ir::Origin::default(),
        }
    }

    #[test]
    fn matches_are_renamed_by_the_places_of_members_and_fields() {
        let own = correlation(["One", "Two"], "a");
        let read = correlation(["one", "two"], "x.y");
        let found = json!({"One": {"a": {"v": [1]}, "z": {"w": [2]}}, "Two": {"b": {"v": [3]}}});
        let renamed =
            json!({"one": {"x.y": {"v": [1]}, "z": {"w": [2]}}, "two": {"b": {"v": [3]}}});
        assert_eq!(matches(&own, &read, &found), Some(renamed));
        let mut fewer = read;
        fewer.members.pop();
        assert_eq!(matches(&own, &fewer, &found), None);
    }

    #[test]
    fn a_correlation_is_the_same_as_one_of_the_same_rules() {
        let report = crate::analysis::Report::default();
        let seeing = Seeing {
            events: Events::Any,
            crosswalk: Crosswalk::builtin(),
            report: &report,
        };
        let own = correlation(["one", "two"], "a");
        assert!(is_same(&own, &own, seeing));
        // A rule in a file of its own is known by its id.
        let mut held = own.clone();
        let metadata = crate::ir::Metadata::default();
        held.members[0].definition = Some(crate::ir::Shared::new(Rule::new(metadata)));
        assert!(is_same(&held, &own, seeing));
        assert!(!is_same(&own, &held, seeing));
        let changed: [fn(&mut Correlation); 7] = [
            |it| it.members[0].least = 2,
            |it| it.members[1].absent = true,
            |it| it.members[1].rule = "other".to_owned(),
            |it| it.same[0].fields[0] = FieldPath::parse("c").unwrap(),
            |it| it.same.clear(),
            |it| it.window = std::time::Duration::from_secs(61),
            |it| {
                it.schedule = Some(Runs {
                    every: Interval::Seconds(60),
                    timeout: None,
                });
            },
        ];
        for change in changed {
            let mut other = own.clone();
            change(&mut other);
            assert!(
                !is_same(&own, &other, seeing) && !is_same(&other, &own, seeing),
                "{other:?}"
            );
        }
    }
}
