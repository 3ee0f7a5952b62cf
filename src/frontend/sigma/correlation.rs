//! Correlation documents: a count over other rules of the file, to a rule with a threshold.
//!
//! The correlation says who the rule is, the rule it counts says what it selects. Counts over several rules of one log source
//! select what any of them does; an alias among its groups is the field of the rule that an event is selected by. Two comparisons
//! are a range. Refused: correlations in time, correlations of correlations, percentiles that do not say which, and rules that are
//! not in the file.

use std::time::Duration;

use serde_json::{Map, Value};

use super::document::{NAME, Read};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::ir::{
    Bound, Case, Comparison, Condition, LogSource, Measure, Origin, Rule, Shared, Term, Threshold,
    WindowKind,
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
    let (base, counted) = lowering.base(referred)?;
    lowering.rule(base, &counted)
}

/// A rule that is counted: what it is referred to by, and what it selects.
struct Counted {
    words: Vec<String>,
    selection: Condition,
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
    fn base(&mut self, referred: &mut [Referred]) -> Option<(Rule, Vec<Counted>)> {
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
        let mut counted = Vec::new();
        for word in &words {
            let Some(base) = referred.iter_mut().find(|base| base.is(word)) else {
                let message = format!(
                    "the file has no rule `{word}`; a correlation of a correlation is not supported"
                );
                return self.refuse(Code::SigmaUnsupported, message, "rules");
            };
            base.counted = !alone;
            // A rule that could not be read is reported already.
            let rule = base.rule.clone()?;
            counted.push(Counted {
                words: base.id.iter().chain(&base.name).cloned().collect(),
                selection: rule.selection.clone(),
            });
            bases.push(rule);
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
        Some((joined, counted))
    }

    fn rule(&mut self, mut rule: Rule, counted: &[Counted]) -> Option<Rule> {
        let threshold = self.threshold(&rule, counted)?;
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
            // The name of what is counted is not the correlation's.
            if key == NAME {
                continue;
            }
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

    fn threshold(&mut self, rule: &Rule, counted: &[Counted]) -> Option<Threshold> {
        let map = self.map_of(&rule.log_sources);
        let asked = self.condition()?;
        let measure = self.measure(map, &asked)?;
        let window = self.timespan()?;
        let names = match self.section.get("group-by") {
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
        let mut group_by = Vec::new();
        for name in &names {
            group_by.push(self.group(map, name, counted)?);
        }
        let whole = matches!(measure, Measure::Count | Measure::DistinctCount(_));
        let Bound { comparison, count } = of_whole(asked.first, whole);
        Some(Threshold {
            measure,
            comparison,
            count,
            also: asked.second.map(|bound| of_whole(bound, whole)),
            window,
            window_kind: WindowKind::Sliding,
            group_by,
            origin: Origin(self.span("condition")),
        })
    }

    /// A field by which matches are grouped, or an alias of several: the field of the rule that selects the event.
    fn group(
        &mut self,
        map: Option<&LogSourceMap>,
        name: &str,
        counted: &[Counted],
    ) -> Option<Term> {
        let path = |name: &str| Term::Field(sigma::path_of(map, name));
        let alias = match self.section.get("aliases") {
            None | Some(Value::Null) => None,
            Some(Value::Object(aliases)) => aliases.get(name),
            Some(_) => {
                let message = "`aliases` requires a mapping of names to fields by rule";
                return self.refuse(Code::YamlShape, message, "aliases");
            }
        };
        let Some(alias) = alias else {
            return Some(path(name));
        };
        let mut fields: Vec<(&Counted, Term)> = Vec::new();
        for one in counted {
            let mut words = one.words.iter();
            let Some(field) = words.find_map(|word| alias.get(word)?.as_str()) else {
                let rule = one.words.last().map_or("", String::as_str);
                let message = format!("the alias `{name}` names no field of the rule `{rule}`");
                return self.refuse(Code::YamlShape, message, "aliases");
            };
            fields.push((one, path(field)));
        }
        let (_, last) = fields.pop()?;
        if fields.iter().all(|(_, field)| *field == last) {
            return Some(last);
        }
        let cases = fields.into_iter().map(|(one, then)| Case {
            when: one.selection.clone(),
            then,
        });
        Some(Term::Choice {
            cases: cases.collect(),
            otherwise: Shared::new(last),
        })
    }

    /// What is asked of the measure.
    fn condition(&mut self) -> Option<Asked> {
        let required = "`condition` requires a comparison such as `gte: 10`, or two for a range";
        let Some(Value::Object(entries)) = self.section.get("condition") else {
            return self.refuse(Code::YamlShape, required, "condition");
        };
        let field = match entries.get("field") {
            None => None,
            Some(Value::String(name)) => Some(name.clone()),
            Some(Value::Array(names)) if names.len() == 1 => {
                names.first().and_then(Value::as_str).map(str::to_owned)
            }
            Some(_) => {
                return self.refuse(
                    Code::SigmaUnsupported,
                    "a count of the values of several fields is not supported",
                    "condition",
                );
            }
        };
        let percent = entries.get("percentile").and_then(Value::as_f64);
        let mut bounds = Vec::new();
        for (key, number) in entries {
            if ["field", "percentile"].contains(&key.as_str()) {
                continue;
            }
            match (comparison(key), number.as_f64()) {
                (Some(comparison), Some(count)) => bounds.push(Bound { comparison, count }),
                _ => return self.refuse(Code::YamlShape, required, "condition"),
            }
        }
        match bounds.as_slice() {
            [first, rest @ ..] if rest.len() < 2 => Some(Asked {
                first: *first,
                second: rest.first().copied(),
                field,
                percent,
            }),
            _ => self.refuse(Code::YamlShape, required, "condition"),
        }
    }

    fn measure(&mut self, map: Option<&LogSourceMap>, asked: &Asked) -> Option<Measure> {
        let kind = self
            .section
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let field = asked.field.as_ref();
        let term = field.map(|name| Term::Field(sigma::path_of(map, name)));
        match (kind.as_str(), term, asked.percent) {
            ("event_count", ..) => Some(Measure::Count),
            ("value_count", Some(term), _) => Some(Measure::DistinctCount(term)),
            ("value_sum", Some(term), _) => Some(Measure::Sum(term)),
            ("value_avg", Some(term), _) => Some(Measure::Average(term)),
            ("value_median", Some(of), _) => Some(Measure::Percentile { of, percent: 50.0 }),
            ("value_percentile", Some(of), Some(percent)) if (0.0..=100.0).contains(&percent) => {
                Some(Measure::Percentile { of, percent })
            }
            ("value_percentile", Some(_), _) => self.refuse(
                Code::SigmaUnsupported,
                "`value_percentile` requires a `percentile` from 0 to 100 in its condition: without it engines disagree what is compared",
                "condition",
            ),
            (
                "value_count" | "value_sum" | "value_avg" | "value_median" | "value_percentile",
                None,
                _,
            ) => self.refuse(
                Code::YamlShape,
                format!("`{kind}` requires a `field` in its condition"),
                "condition",
            ),
            ("temporal" | "temporal_ordered", ..) => self.refuse(
                Code::SigmaUnsupported,
                format!(
                    "`{kind}` is about the matches of several rules, and a translation is of one rule"
                ),
                "type",
            ),
            _ => self.refuse(
                Code::SigmaUnsupported,
                format!("a correlation of type `{kind}` is not known"),
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

/// What a condition asks of a measure.
struct Asked {
    first: Bound,
    /// The other end of a range.
    second: Option<Bound>,
    /// The field that the measure is about, if it is named.
    field: Option<String>,
    /// Which percentile is measured, if it says so.
    percent: Option<f64>,
}

/// The bound of a measure; one of whole numbers is not passed but reached.
fn of_whole(bound: Bound, whole: bool) -> Bound {
    if whole && bound.comparison == Comparison::GreaterThan {
        Bound {
            comparison: Comparison::AtLeast,
            count: bound.count.floor() + 1.0,
        }
    } else {
        bound
    }
}

fn comparison(key: &str) -> Option<Comparison> {
    Some(match key {
        "gte" => Comparison::AtLeast,
        "gt" => Comparison::GreaterThan,
        "lte" => Comparison::AtMost,
        "lt" => Comparison::LessThan,
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        _ => return None,
    })
}
