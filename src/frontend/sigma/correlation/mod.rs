//! Correlation documents to rules: a count over one log source to a rule with a threshold, any other to a rule about its members.
//!
//! The correlation says who the rule is. A count over rules that select events of one log source is a rule that selects what any
//! of them does (`threshold`); matches of several rules in time, counts over several log sources and correlations of correlations
//! hold the rules as members (`members`). Refused with a span: what the specification leaves open and engines read differently.

mod extended;
mod members;
mod section;
mod threshold;

pub(super) use self::section::{generates, words};

use self::section::{Asked, Section, of_whole};
use super::document::Read;
use crate::diagnostic::{Code, Diagnostics};
use crate::ir::{
    Bound, Case, Condition, FieldPath, Function, Literal, Measure, Object, Operator, Predicate,
    Rule, Shared, Term,
};
use crate::schema::{LogSourceMap, sigma};

/// A rule that a correlation is about.
#[derive(Debug)]
pub(super) struct Base {
    /// The word that the correlation refers to it with.
    pub(super) word: String,
    /// Every word that it is known by.
    pub(super) words: Vec<String>,
    /// The rule.
    pub(super) rule: Rule,
}

impl Base {
    /// Whether it selects single events.
    fn is_plain(&self) -> bool {
        self.rule.threshold.is_none() && self.rule.correlation.is_none()
    }
}

/// The rule of a correlation document about these rules, which are those of its [`words`] in their order; `None` where it is
/// reported why there is none.
pub(super) fn lower(
    read: &Read<'_>,
    bases: Vec<Base>,
    diagnostics: &mut Diagnostics,
) -> Option<Rule> {
    let mut section = Section::of(read, diagnostics)?;
    section.words()?;
    let kind = section.kind();
    let counts = match kind {
        "event_count" | "value_count" | "value_sum" | "value_avg" | "value_median"
        | "value_percentile" => true,
        "temporal" | "temporal_ordered" => false,
        _ => {
            let message = format!("a correlation of type `{kind}` is not known");
            return section.refuse(Code::SigmaUnsupported, message, "type");
        }
    };
    let one_source = |bases: &[Base]| {
        bases.iter().all(Base::is_plain)
            && bases
                .windows(2)
                .all(|pair| pair[0].rule.log_sources == pair[1].rule.log_sources)
    };
    let rule = if counts && one_source(&bases) {
        threshold::lower(&mut section, bases)
    } else {
        members::lower(&mut section, bases, counts)
    };
    let mut rule = rule?;
    rule.origin = read.document.whole().into();
    Some(rule)
}

/// Reports that the rules of a correlation are not to be had.
pub(super) fn refuse_rules(read: &Read<'_>, message: String, diagnostics: &mut Diagnostics) {
    if let Some(mut section) = Section::of(read, diagnostics) {
        section.refuse::<()>(Code::SigmaUnsupported, message, "rules");
    }
}

impl<'s> Section<'s, '_> {
    fn map_of(&self, rule: &Rule) -> Option<&'s LogSourceMap> {
        self.read.crosswalk.of(rule.log_sources.first()?)
    }

    /// The field of a rule's matches under a name: of an event, or of the group of an alert.
    fn path(&mut self, name: &str, base: &Base, key: &str) -> Option<FieldPath> {
        let field = self.field(name, &base.words)?;
        let path = sigma::path_of(self.map_of(&base.rule), &field);
        let of_alert = match (&base.rule.correlation, &base.rule.threshold) {
            (Some(correlation), _) => {
                let mut same = correlation.same.iter();
                let known = same.any(|same| same.name == field);
                known.then(|| FieldPath::keys([field.as_str()]))
            }
            (None, Some(threshold)) => {
                let term = Term::Field(path.clone());
                threshold.group_by.contains(&term).then_some(path)
            }
            (None, None) => Some(path),
        };
        if of_alert.is_some() {
            return of_alert;
        }
        let message = format!(
            "the correlation `{}` is not grouped by `{field}`, so that its alerts have no such value",
            base.word
        );
        self.refuse(Code::SigmaUnsupported, message, key)
    }

    /// What is measured of the matches of a rule.
    fn measure(&mut self, asked: &Asked, base: &Base) -> Option<Measure> {
        let kind = self.kind();
        if kind == "event_count" {
            return Some(Measure::Count);
        }
        let mut fields = Vec::new();
        for name in &asked.fields {
            fields.push(Term::Field(self.path(name, base, "condition")?));
        }
        let message = match (kind, asked.percent, fields.as_slice()) {
            (_, _, []) => format!("`{kind}` requires a `field` in its condition"),
            ("value_count", _, [term]) => return Some(Measure::DistinctCount(term.clone())),
            ("value_count", _, _) => return Some(Measure::DistinctCount(together(fields))),
            ("value_sum", _, [term]) => return Some(Measure::Sum(term.clone())),
            ("value_avg", _, [term]) => return Some(Measure::Average(term.clone())),
            ("value_median", _, [of]) => {
                let of = of.clone();
                return Some(Measure::Percentile { of, percent: 50.0 });
            }
            ("value_percentile", Some(percent), [of]) if (0.0..=100.0).contains(&percent) => {
                let of = of.clone();
                return Some(Measure::Percentile { of, percent });
            }
            ("value_percentile", _, [_]) => {
                let message = "`value_percentile` requires a `percentile` from 0 to 100 in its condition: without it engines disagree what is compared";
                return self.refuse(Code::SigmaUnsupported, message, "condition");
            }
            _ => format!("`{kind}` requires one `field`"),
        };
        self.refuse(Code::YamlShape, message, "condition")
    }
}

/// The values of several fields as one, where the event has them all.
fn together(fields: Vec<Term>) -> Term {
    let present = fields.iter().map(|field| {
        let present = Predicate::new(field.clone(), Operator::IsPresent, Object::None);
        Condition::from(present)
    });
    Term::Choice {
        cases: vec![Case {
            when: present.fold(Condition::TRUE, Condition::and),
            then: Term::call(Function::List, fields),
        }]
        .into(),
        otherwise: Shared::new(Term::Literal(Literal::Null)),
    }
}

/// The bounds of a measure: one of whole numbers is reached rather than passed.
fn bounds(asked: &Asked, measure: &Measure) -> (Bound, Option<Bound>) {
    let whole = matches!(measure, Measure::Count | Measure::DistinctCount(_));
    let also = asked.second.map(|bound| of_whole(bound, whole));
    (of_whole(asked.first, whole), also)
}
