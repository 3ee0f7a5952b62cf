//! Correlations: rules about the alerts of other rules instead of events.
//!
//! A [`Correlation`] names its members, which are rules, and says what their matches must have in common and in which order and
//! time they must come. A member may hold its rule, so that the correlation can be judged on events; else it is known by its id
//! alone. What it means is what `eval` computes. Fields are paths in the members' own events and alerts.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::threshold::seconds;
use super::{Bound, FieldPath, Measure, Origin, Rule, Shared, duration};

/// What the matches of other rules must look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Correlation {
    /// The rules whose matches are looked at, in the source's order.
    pub members: Vec<Member>,
    /// What their matches have in common: those with the same values are looked at together. Any matches, where it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same: Vec<SameValue>,
    /// How they belong together.
    pub pattern: Pattern,
    /// The time in which all of it must happen.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub window: Duration,
    /// In which order matches are looked at, which decides what an alert shows and not whether there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<EvaluationOrder>,
    /// When it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Runs>,
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// One rule whose matches are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// Its name in the correlation.
    pub name: String,
    /// The id of the rule.
    pub rule: String,
    /// How many matches there must be at least.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub least: u64,
    /// How many there may be at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
    /// Whether it must not match.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// Whether its matches are alerts of their own as well, where that is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alerts: bool,
    /// The rule itself, where it is at hand. The matches of one that counts, or is a correlation, are its alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<Shared<Rule>>,
}

impl Member {
    /// A member that matches at least once, known by its id.
    pub fn new(name: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            rule: rule.into(),
            least: 1,
            most: None,
            absent: false,
            alerts: false,
            definition: None,
        }
    }
}

fn one() -> u64 {
    1
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_one(count: &u64) -> bool {
    *count == 1
}

/// How the members belong together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// In any order.
    Group {
        /// How many of the members must match at least; all that must not be absent, where there is nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        least: Option<u64>,
    },
    /// One after the other; only the last may be absent.
    Sequence {
        /// The steps from each member to the next, in order: one fewer than there are members.
        transitions: Vec<Transition>,
    },
    /// All of them are one set of matches, of which something is counted or measured.
    Count {
        /// What is measured of the matches of each member, in their order; all of one kind.
        measures: Vec<Measure>,
        /// What the measure over all matches must reach.
        bound: Bound,
        /// A second comparison that has to hold as well: the other end of a range.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        also: Option<Bound>,
    },
}

/// A value that the matches have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SameValue {
    /// Its name in the source. An alert of the correlation has the value under it.
    pub name: String,
    /// The field of each member, in their order; of a member that counts or is a correlation, a field of its alerts.
    pub fields: Vec<FieldPath>,
}

/// A step from one member of a sequence to the next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transition {
    /// Its name in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The time it may take, in seconds; the correlation's window where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<u64>,
    /// The fields of the two members whose values must be the same besides what all members have in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<(FieldPath, FieldPath)>,
}

/// The order in which matches are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationOrder {
    /// The oldest first.
    Chronological,
    /// The newest first.
    ReverseChronological,
}

/// When a correlation runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Runs {
    /// How often.
    pub every: Interval,
    /// After which time a run is given up, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

/// How often something runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Interval {
    /// Again after this many seconds.
    Seconds(u64),
    /// At the times of a cron expression.
    Cron(String),
}

impl Correlation {
    /// The fields of the member at a position that are compared with those of others.
    pub fn compared(&self, at: usize) -> Vec<&FieldPath> {
        let transitions = match &self.pattern {
            Pattern::Sequence { transitions } => transitions.as_slice(),
            Pattern::Group { .. } | Pattern::Count { .. } => &[],
        };
        let from = transitions.get(at);
        let to = at.checked_sub(1).and_then(|before| transitions.get(before));
        let to = to.and_then(|step| Some(&step.fields.as_ref()?.1));
        let from = from.and_then(|step| Some(&step.fields.as_ref()?.0));
        let same = self.same.iter().filter_map(|same| same.fields.get(at));
        to.into_iter().chain(from).chain(same).collect()
    }

    /// The correlation in words: how the members belong together, then a line for each.
    pub fn lines(&self) -> Vec<String> {
        let window = duration(self.window);
        let mut lines = vec![match &self.pattern {
            Pattern::Group { least: None } => format!("all of these within {window}"),
            Pattern::Group { least: Some(least) } => {
                format!("at least {least} of these within {window}")
            }
            Pattern::Sequence { .. } => format!("these, one after the other, within {window}"),
            Pattern::Count {
                measures,
                bound,
                also,
            } => {
                let measure = measures
                    .first()
                    .map_or_else(String::new, Measure::to_string);
                let also = also.map_or_else(String::new, |also| format!(" and {also}"));
                format!("{measure} {bound}{also} of these together within {window}")
            }
        }];
        for (at, member) in self.members.iter().enumerate() {
            lines.push(format!("  {}", self.member_line(at, member)));
            let definition = member.definition.iter();
            let inner = definition.flat_map(|rule| rule.condition_lines());
            lines.extend(inner.map(|line| format!("    {line}")));
        }
        lines
    }

    /// When it runs, in words.
    pub fn runs(&self) -> Option<String> {
        let window = duration(self.window);
        self.schedule.as_ref().map(|runs| match &runs.every {
            Interval::Seconds(seconds) => {
                let every = duration(Duration::from_secs(*seconds));
                format!("every {every} over {window}")
            }
            Interval::Cron(expression) => format!("at {expression} over {window}"),
        })
    }

    fn member_line(&self, at: usize, member: &Member) -> String {
        let count = match (member.absent, member.least, member.most) {
            (true, ..) => "no match of ".to_owned(),
            (false, 1, None) => String::new(),
            (false, least, None) => format!("at least {least} of "),
            (false, least, Some(most)) => format!("{least} to {most} of "),
        };
        let same = self.same.iter().filter_map(|same| {
            let field = same.fields.get(at)?;
            Some(format!(", by its {field} as {}", same.name))
        });
        let same: String = same.collect();
        let before = at
            .checked_sub(1)
            .and_then(|before| self.members.get(before))
            .map_or("", |before| before.name.as_str());
        let step = match &self.pattern {
            Pattern::Group { .. } | Pattern::Count { .. } => None,
            Pattern::Sequence { transitions } => {
                at.checked_sub(1).and_then(|step| transitions.get(step))
            }
        };
        let step = step.map_or_else(String::new, |step| step.words(before));
        let name = super::Literal::text(&member.name);
        format!("{name}: {count}{}{same}{step}", member.rule)
    }
}

impl Transition {
    fn words(&self, before: &str) -> String {
        let within = self.within.map_or_else(String::new, |seconds| {
            format!(" within {}", duration(Duration::from_secs(seconds)))
        });
        let same = self.fields.as_ref().map_or_else(String::new, |(from, to)| {
            format!(", by its {to} as {from} of \"{before}\"")
        });
        format!("{within}{same}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_of_a_member_is_what_its_steps_and_all_have_in_common() {
        let field = |name: &str| FieldPath::keys([name]);
        let step = |fields: Option<(&str, &str)>| Transition {
            name: None,
            within: None,
            fields: fields.map(|(from, to)| (field(from), field(to))),
        };
        let same = SameValue {
            name: "who".to_owned(),
            fields: ["a", "b", "c"].map(field).to_vec(),
        };
        let correlation = Correlation {
            members: ["one", "two", "three"]
                .map(|name| Member::new(name, name))
                .to_vec(),
            same: vec![same],
            pattern: Pattern::Sequence {
                transitions: vec![step(Some(("x", "y"))), step(Some(("z", "w")))],
            },
            window: Duration::from_secs(60),
            order: None,
            schedule: None,
            origin: Origin::default(),
        };
        let compared = |at: usize| {
            let fields = correlation.compared(at).into_iter();
            fields.map(FieldPath::to_string).collect::<Vec<_>>()
        };
        assert_eq!(compared(0), ["x", "a"]);
        assert_eq!(compared(1), ["y", "z", "b"]);
        assert_eq!(compared(2), ["w", "c"]);
        assert!(compared(3).is_empty());
    }
}
