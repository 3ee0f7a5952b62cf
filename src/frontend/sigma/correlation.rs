//! Correlation documents: a count over other rules of the file, to a rule with a threshold.
//!
//! The correlation says who the rule is, the rule it counts says what it selects. Counts over several rules of one log source
//! select what any of them does. Refused: correlations in time, averages and percentiles, correlations of correlations, aliases,
//! ranges, and rules that are not in the file.

use std::time::Duration;

use serde_json::{Map, Value};

use super::document::Read;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Comparison, Condition, FieldPath, LogSource, Measure, Origin, Rule, Term, Threshold, WindowKind,
};
use crate::schema::{LogSourceMap, sigma};
use crate::source::Span;
use crate::syntax::yaml::Step;

/// A rule of the file, by the words that correlations refer to it with.
pub(super) struct Referred {
    /// Its `id`, if it has one.
    pub(super) id: Option<String>,
    /// Its `name`, if it has one.
    pub(super) name: Option<String>,
    /// The rule; `None` where it could not be read.
    pub(super) rule: Option<Rule>,
    /// Whether a correlation counts it and nothing asks for it on its own.
    pub(super) counted: bool,
}

impl Referred {
    fn is(&self, word: &str) -> bool {
        self.id.as_deref() == Some(word) || self.name.as_deref() == Some(word)
    }
}

/// The rule of a correlation document; `None` where it is reported why there is none.
pub(super) fn lower(
    read: &Read<'_>,
    referred: &mut [Referred],
    diagnostics: &mut Diagnostics,
) -> Option<Rule> {
    let Some(Value::Object(section)) = read.content.get("correlation") else {
        let message = "a correlation requires a section with `type` and `rules`";
        let error = Diagnostic::error(Code::YamlShape, message);
        diagnostics.push(error.at(read.document.whole()));
        return None;
    };
    let mut lowering = Lowering {
        read,
        section,
        diagnostics,
    };
    let base = lowering.base(referred)?;
    lowering.rule(base)
}

struct Lowering<'s, 'd> {
    read: &'s Read<'s>,
    section: &'s Map<String, Value>,
    diagnostics: &'d mut Diagnostics,
}

impl<'s> Lowering<'s, '_> {
    fn span(&self, key: &str) -> Option<Span> {
        let section = Step::Key("correlation");
        let document = self.read.document;
        document
            .span(&[section, Step::Key(key)])
            .or_else(|| document.key_span(&[section]))
    }

    fn map_of(&self, sources: &[LogSource]) -> Option<&'s LogSourceMap> {
        self.read.crosswalk.of(sources.first()?)
    }

    fn refuse<T>(&mut self, code: Code, message: impl Into<String>, key: &str) -> Option<T> {
        let span = self.span(key);
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span));
        None
    }

    /// The rules that are counted, as one rule.
    fn base(&mut self, referred: &mut [Referred]) -> Option<Rule> {
        let words: Vec<String> = match self.section.get("rules") {
            Some(Value::String(word)) => vec![word.clone()],
            Some(Value::Array(words)) => words
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => Vec::new(),
        };
        if words.is_empty() {
            return self.refuse(
                Code::YamlShape,
                "a correlation requires `rules`, the names or ids of rules",
                "rules",
            );
        }
        let generate = |section: &Map<String, Value>| {
            section
                .get("generate")
                .and_then(Value::as_bool)
                .unwrap_or(false)
        };
        let alone = generate(self.section) || generate(&self.read.content);
        let mut bases: Vec<Rule> = Vec::new();
        for word in &words {
            let Some(base) = referred.iter_mut().find(|base| base.is(word)) else {
                let message = format!(
                    "the file has no rule `{word}`; a correlation of a correlation is not supported"
                );
                return self.refuse(Code::SigmaUnsupported, message, "rules");
            };
            base.counted = !alone;
            // A rule that could not be read is reported already.
            bases.push(base.rule.clone()?);
        }
        let mut bases = bases.into_iter();
        let mut joined = bases.next()?;
        for other in bases {
            if other.log_sources != joined.log_sources {
                return self.refuse(
                    Code::SigmaUnsupported,
                    "a count over rules of several log sources is not supported",
                    "rules",
                );
            }
            joined.selection =
                std::mem::replace(&mut joined.selection, Condition::FALSE).or(other.selection);
            joined.outputs.extend(other.outputs);
        }
        Some(joined)
    }

    fn rule(&mut self, mut rule: Rule) -> Option<Rule> {
        let threshold = self.threshold(&rule)?;
        let (mut metadata, mut preserved) = self.read.metadata(self.diagnostics);
        let base = rule.metadata;
        let or = |own: &mut String, base: String| {
            if own.is_empty() {
                *own = base;
            }
        };
        or(&mut metadata.id, base.id);
        or(&mut metadata.name, base.name);
        or(&mut metadata.slug, base.slug);
        or(&mut metadata.description, base.description);
        if !self.read.content.contains_key("level") {
            metadata.severity = base.severity;
        }
        metadata.author = metadata.author.or(base.author);
        metadata.status = metadata.status.or(base.status);
        for (own, base) in [
            (&mut metadata.references, base.references),
            (&mut metadata.false_positives, base.false_positives),
            (&mut metadata.tags, base.tags),
        ] {
            if own.is_empty() {
                *own = base;
            }
        }
        if metadata.attack.is_empty() {
            metadata.attack = base.attack;
        }
        for (key, value) in rule.preserved.keys {
            preserved.keys.entry(key).or_insert(value);
        }
        let fields = self.read.texts("fields", self.diagnostics);
        if !fields.is_empty() {
            let map = self.map_of(&rule.log_sources);
            rule.outputs = fields
                .iter()
                .enumerate()
                .map(|(at, name)| self.read.output(map, at, name))
                .collect();
        }
        rule.metadata = metadata;
        rule.preserved = preserved;
        rule.threshold = Some(threshold);
        rule.origin = self.read.document.whole().into();
        Some(rule)
    }

    fn threshold(&mut self, rule: &Rule) -> Option<Threshold> {
        let map = self.map_of(&rule.log_sources);
        if self.section.contains_key("aliases") {
            return self.refuse(
                Code::SigmaUnsupported,
                "aliases are not supported",
                "aliases",
            );
        }
        let (comparison, count, field) = self.condition()?;
        let measure = self.measure(map, field)?;
        let window = self.timespan()?;
        let group_by = match self.section.get("group-by") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(name)) => vec![name.clone()],
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => names
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(_) => {
                return self.refuse(
                    Code::YamlShape,
                    "`group-by` requires names of fields",
                    "group-by",
                );
            }
        };
        let path = |name: &String| -> Term { Term::Field(sigma::path_of(map, name)) };
        let (comparison, count) = if comparison == Comparison::GreaterThan
            && matches!(measure, Measure::Count | Measure::DistinctCount(_))
        {
            (Comparison::AtLeast, count.floor() + 1.0)
        } else {
            (comparison, count)
        };
        Some(Threshold {
            measure,
            comparison,
            count,
            window,
            window_kind: WindowKind::Sliding,
            group_by: group_by.iter().map(path).collect(),
            origin: Origin(self.span("condition")),
        })
    }

    /// The comparison, the number, and the field that the measure is about, if it is named.
    fn condition(&mut self) -> Option<(Comparison, f64, Option<String>)> {
        let required = "`condition` requires one comparison such as `gte: 10`";
        let Some(Value::Object(entries)) = self.section.get("condition") else {
            return self.refuse(Code::YamlShape, required, "condition");
        };
        let field = match entries.get("field") {
            None => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(_) => {
                return self.refuse(
                    Code::SigmaUnsupported,
                    "a count of the values of several fields is not supported",
                    "condition",
                );
            }
        };
        let mut comparisons = entries.iter().filter(|(key, _)| *key != "field");
        let (Some((key, number)), None) = (comparisons.next(), comparisons.next()) else {
            return self.refuse(
                Code::SigmaUnsupported,
                format!("{required}; ranges are not supported"),
                "condition",
            );
        };
        let comparison = match key.as_str() {
            "gte" => Comparison::AtLeast,
            "gt" => Comparison::GreaterThan,
            "lte" => Comparison::AtMost,
            "lt" => Comparison::LessThan,
            "eq" => Comparison::Equal,
            "neq" => Comparison::NotEqual,
            _ => return self.refuse(Code::YamlShape, required, "condition"),
        };
        match number.as_f64() {
            Some(number) => Some((comparison, number, field)),
            None => self.refuse(Code::YamlShape, required, "condition"),
        }
    }

    fn measure(&mut self, map: Option<&LogSourceMap>, field: Option<String>) -> Option<Measure> {
        let kind = self
            .section
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let field: Option<FieldPath> = field.map(|name| sigma::path_of(map, &name));
        match (kind.as_str(), field) {
            ("event_count", _) => Some(Measure::Count),
            ("value_count", Some(field)) => Some(Measure::DistinctCount(Term::Field(field))),
            ("value_sum", Some(field)) => Some(Measure::Sum(Term::Field(field))),
            ("value_count" | "value_sum", None) => self.refuse(
                Code::YamlShape,
                format!("`{kind}` requires a `field` in its condition"),
                "condition",
            ),
            _ => self.refuse(
                Code::SigmaUnsupported,
                format!("a correlation of type `{kind}` is not supported"),
                "type",
            ),
        }
    }

    fn timespan(&mut self) -> Option<Duration> {
        let text = self
            .section
            .get("timespan")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let seconds = text.char_indices().next_back().and_then(|(at, unit)| {
            let seconds = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                'w' => 604_800,
                // As pySigma counts: the mean lengths.
                'M' => 2_629_746,
                'y' => 31_556_952,
                _ => return None,
            };
            text[..at].parse::<u64>().ok()?.checked_mul(seconds)
        });
        match seconds.filter(|seconds| *seconds > 0) {
            Some(seconds) => Some(Duration::from_secs(seconds)),
            None => self.refuse(
                Code::YamlShape,
                "`timespan` requires a whole number and a unit, such as `10m`",
                "timespan",
            ),
        }
    }
}
