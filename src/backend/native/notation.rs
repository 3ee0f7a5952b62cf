//! Conditions as Rust expressions over the variables of a [`Scope`].
//!
//! Where case does not count, both sides are put into lower case. A quantifier becomes a function of the item, and so does a
//! path through every item of a list.

use serde_json::Value;

use super::layout;
use super::many::{is_anywhere, is_many, listed};
use super::module::Kind;
use super::quote;
use super::scope::{Scope, stem};
use crate::analysis::Report;
use crate::backend::fragment::Fragment;
use crate::backend::notation::{self, Infix, Negation, Notation, Spelled};
use crate::eval;
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Kind as ValueKind, Literal, Object, Operator, Predicate,
    Quantifier, Segment, Shared, Term,
};

const OR: u8 = 1;
const AND: u8 = 2;
const COMPARISON: u8 = 3;
const NOT: u8 = 4;

/// The widest list that is written where it is used.
const INLINE: usize = 30;

impl Notation for Scope<'_> {
    type Written = Fragment;

    fn or(&self) -> Infix {
        Infix {
            word: "||",
            strength: OR,
        }
    }

    fn and(&self) -> Infix {
        Infix {
            word: "&&",
            strength: AND,
        }
    }

    fn not(&self) -> Negation {
        Negation::Prefix("!", NOT)
    }

    fn constant(&self, value: bool) -> Fragment {
        Fragment::atom(value.to_string())
    }

    fn spell(&self, predicate: &Predicate) -> Result<Spelled, String> {
        Ok(Spelled::exact(self.written(predicate, false)?))
    }

    fn spell_negated(&self, predicate: &Predicate) -> Option<Result<Spelled, String>> {
        Some(self.written(predicate, true).map(Spelled::exact))
    }

    fn known(&self, condition: &Condition, _report: &mut Report) -> Option<Fragment> {
        let known = self.is_shared(condition).then(|| self.checked(condition));
        known.flatten().map(Fragment::atom)
    }

    fn kept(&self, condition: &Condition, written: Fragment) -> Fragment {
        if self.is_shared(condition) {
            return Fragment::atom(self.check(condition, &written.flat()));
        }
        written
    }

    fn items(
        &self,
        quantifier: Quantifier,
        list: &Term,
        body: &Condition,
        report: &mut Report,
    ) -> Result<Fragment, String> {
        let helper = match quantifier {
            Quantifier::Some => "some",
            Quantifier::Every => "every",
            Quantifier::One => "exactly_one",
        };
        let list = self.list_of(list)?;
        let check = self.nested("item_check", "bool", |scope| {
            scope.survey(|survey| survey.condition(body));
            let condition = notation::print(scope, body, report)
                .ok_or_else(|| "a part of its condition cannot be expressed".to_owned())?;
            Ok(layout::expression(&condition.flat(), 4, ""))
        })?;
        Ok(Fragment::atom(format!("{helper}({list}, {check})")))
    }
}

impl Scope<'_> {
    fn written(&self, predicate: &Predicate, negated: bool) -> Result<Fragment, String> {
        let not = |fragment: Fragment| {
            if negated {
                fragment.prefix("!", NOT)
            } else {
                fragment
            }
        };
        if let Some(verdict) = constant_verdict(predicate) {
            return Ok(self.constant(verdict != negated));
        }
        if let Some(condition) = over_items(predicate)? {
            return self
                .expression(&condition)
                .map(|text| not(Fragment::atom(text)));
        }
        let mut parts = self.parts(predicate)?;
        if parts.len() == 1 {
            let part = parts.remove(0);
            return Ok(match part {
                Part::Equal(left, right) => {
                    let sign = if negated { "!=" } else { "==" };
                    Fragment::with_strength(format!("{left} {sign} {right}"), COMPARISON)
                }
                Part::Call(text) => not(Fragment::atom(text)),
            });
        }
        if parts.is_empty() {
            return Ok(self.constant(negated));
        }
        let parts = parts
            .into_iter()
            .map(|part| match part {
                Part::Equal(left, right) => {
                    Fragment::with_strength(format!("{left} == {right}"), COMPARISON)
                }
                Part::Call(text) => Fragment::atom(text),
            })
            .collect();
        Ok(not(Fragment::infix("||", OR, parts)))
    }

    /// The parts of which one has to hold.
    fn parts(&self, predicate: &Predicate) -> Result<Vec<Part>, String> {
        let fold = predicate.case == CaseSensitivity::Insensitive;
        let subject = &predicate.subject;
        let value = |fold: bool| self.value(subject, fold);
        let texts = |helper: &str, suffix: &str| -> Result<Vec<Part>, String> {
            let list = match &predicate.object {
                Object::Term(other) => format!("text({}).as_slice()", self.value(other, fold)?),
                _ => self.list(subject, &wanted_texts(predicate, fold)?, suffix),
            };
            Ok(vec![Part::Call(format!(
                "{helper}({}, {list})",
                value(fold)?
            ))])
        };
        let asked = |helper: &str| Ok(vec![Part::Call(format!("{helper}({})", value(false)?))]);
        let ordered = |helper: &str| {
            let other = self.other(&predicate.object, fold)?;
            Ok(vec![Part::Call(format!(
                "{helper}({}, {other})",
                value(fold)?
            ))])
        };
        match predicate.operator {
            Operator::Equals | Operator::In => self.equal(predicate, fold),
            Operator::Contains => texts("contains", "PARTS"),
            Operator::StartsWith => texts("starts_with", "PREFIXES"),
            Operator::EndsWith => texts("ends_with", "SUFFIXES"),
            Operator::HasTerm => texts("has_term", "TERMS"),
            Operator::Wildcard => texts("wildcard", "WILDCARDS"),
            Operator::Matches => self.finds(predicate, fold),
            Operator::LessThan => ordered("less"),
            Operator::AtMost => ordered("at_most"),
            Operator::GreaterThan => ordered("greater"),
            Operator::AtLeast => ordered("at_least"),
            Operator::InNetwork => self.networks(predicate),
            Operator::IsIpAddress => asked("is_ip"),
            Operator::Exists => Ok(vec![Part::Call(format!("{}.is_some()", value(false)?))]),
            Operator::IsPresent => asked("is_present"),
            Operator::IsFilled => asked("is_filled"),
            Operator::IsTruthy => asked("is_truthy"),
            Operator::IsKind => self.kinds(predicate),
        }
    }

    fn other(&self, object: &Object, fold: bool) -> Result<String, String> {
        match object {
            Object::Literal(literal) => Ok(self.literal(&folded(&literal.to_json(), fold))),
            Object::Term(term) => self.value(term, fold),
            Object::None | Object::List(_) | Object::Texts(_) | Object::Kinds(_) => {
                Err("an object that does not fit the operator".to_owned())
            }
        }
    }

    fn equal(&self, predicate: &Predicate, fold: bool) -> Result<Vec<Part>, String> {
        let literals: Vec<Value> = match &predicate.object {
            Object::Term(_) => {
                let other = self.other(&predicate.object, fold)?;
                let value = self.value(&predicate.subject, fold)?;
                return Ok(vec![Part::Call(format!("equal({value}, {other})"))]);
            }
            Object::Literal(literal) => vec![literal.to_json()],
            Object::List(items) => items.iter().map(Literal::to_json).collect(),
            Object::Texts(texts) => texts
                .iter()
                .map(|text| Value::from(text.as_str()))
                .collect(),
            Object::None | Object::Kinds(_) => Vec::new(),
        };
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for literal in literals {
            match folded(&literal, fold) {
                Value::String(text) if !texts.contains(&text) => texts.push(text),
                Value::Null | Value::String(_) => {}
                other => others.push(other),
            }
        }
        if texts.is_empty() && others.is_empty() {
            return Ok(Vec::new());
        }
        let value = self.value(&predicate.subject, fold)?;
        let mut parts = Vec::new();
        match texts.as_slice() {
            [] => {}
            [one] => {
                let literal = quote::text(one);
                let literal = if literal.chars().count() > INLINE {
                    let name = format!("{}_TEXT", constant_stem(&predicate.subject));
                    self.module.constant(&name, Kind::Text, vec![literal])
                } else {
                    literal
                };
                parts.push(Part::Equal(
                    format!("text({value})"),
                    format!("Some({literal})"),
                ));
            }
            many => {
                let list = self.list(&predicate.subject, many, "VALUES");
                parts.push(Part::Call(format!("one_of({value}, {list})")));
            }
        }
        for other in others {
            parts.push(match other {
                Value::Bool(truth) => {
                    Part::Equal(value.clone(), format!("Some(&Value::Bool({truth}))"))
                }
                other => Part::Call(format!("equal({value}, {})", self.literal(&other))),
            });
        }
        Ok(parts)
    }

    /// A list of texts: where it is used if it is short, else by name.
    fn list(&self, subject: &Term, texts: &[String], suffix: &str) -> String {
        let literals: Vec<String> = texts.iter().map(|text| quote::text(text)).collect();
        let flat = format!("&[{}]", literals.join(", "));
        if flat.chars().count() <= INLINE {
            return flat;
        }
        let name = format!("{}_{suffix}", constant_stem(subject));
        self.module.constant(&name, Kind::Texts, literals)
    }

    fn finds(&self, predicate: &Predicate, fold: bool) -> Result<Vec<Part>, String> {
        let Object::Texts(patterns) = &predicate.object else {
            return Err("an object that does not fit the operator".to_owned());
        };
        let value = self.value(&predicate.subject, false)?;
        let finds = patterns.iter().map(|pattern| {
            let pattern = if fold {
                format!("(?i){pattern}")
            } else {
                pattern.clone()
            };
            let name = self.pattern(&predicate.subject, &pattern)?;
            Ok(Part::Call(format!("finds({value}, &{name})")))
        });
        finds.collect()
    }

    fn networks(&self, predicate: &Predicate) -> Result<Vec<Part>, String> {
        let networks: Vec<String> = wanted_texts(predicate, false)?
            .iter()
            .map(|text| {
                let network = text
                    .parse::<ipnet::IpNet>()
                    .or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from));
                network
                    .map(|network| format!("(\"{}\", {})", network.network(), network.prefix_len()))
                    .map_err(|_| format!("`{text}` is no network in CIDR notation"))
            })
            .collect::<Result<_, _>>()?;
        let value = self.value(&predicate.subject, false)?;
        let flat = format!("&[{}]", networks.join(", "));
        let list = if flat.chars().count() <= INLINE {
            flat
        } else {
            let name = format!("{}_NETWORKS", constant_stem(&predicate.subject));
            self.module.constant(&name, Kind::Networks, networks)
        };
        Ok(vec![Part::Call(format!("in_network({value}, {list})"))])
    }

    fn kinds(&self, predicate: &Predicate) -> Result<Vec<Part>, String> {
        let Object::Kinds(kinds) = &predicate.object else {
            return Err("an object that does not fit the operator".to_owned());
        };
        let mut parts: Vec<Part> = Vec::new();
        let value = self.value(&predicate.subject, false)?;
        for (at, kind) in kinds.iter().enumerate() {
            if kinds[..at].contains(kind) {
                continue;
            }
            let check = match kind {
                ValueKind::Null => "Value::is_null",
                ValueKind::Boolean => "Value::is_boolean",
                ValueKind::Integer => {
                    parts.push(Part::Call(format!("is_integer({value})")));
                    continue;
                }
                ValueKind::Number => "Value::is_number",
                ValueKind::Text => "Value::is_string",
                ValueKind::List => "Value::is_array",
                ValueKind::Object => "Value::is_object",
            };
            parts.push(Part::Call(format!("{value}.is_some_and({check})")));
        }
        Ok(parts)
    }
}

/// A part of a predicate.
enum Part {
    /// A comparison of two operands.
    Equal(String, String),
    /// A call.
    Call(String),
}

fn constant_stem(subject: &Term) -> String {
    stem(subject).to_ascii_uppercase()
}

/// The predicate's texts, each once; in lower case where case does not count.
fn wanted_texts(predicate: &Predicate, fold: bool) -> Result<Vec<String>, String> {
    let Object::Texts(texts) = &predicate.object else {
        return Err("an object that does not fit the operator".to_owned());
    };
    let mut wanted = Vec::new();
    for text in texts {
        let text = if fold {
            text.to_lowercase()
        } else {
            text.clone()
        };
        if !wanted.contains(&text) {
            wanted.push(text);
        }
    }
    Ok(wanted)
}

fn folded(value: &Value, fold: bool) -> Value {
    match value {
        Value::String(text) if fold => Value::String(text.to_lowercase()),
        Value::Array(items) => items.iter().map(|item| folded(item, fold)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), folded(item, fold)))
            .collect(),
        other => other.clone(),
    }
}

/// The verdict of a predicate that asks nothing of the event.
fn constant_verdict(predicate: &Predicate) -> Option<bool> {
    fn constant(term: &Term) -> bool {
        match term {
            Term::Literal(_) => true,
            Term::Call {
                function,
                arguments,
            } => !function.reads_surroundings() && arguments.iter().all(constant),
            Term::Field(_)
            | Term::Item { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => false,
        }
    }
    let object = match &predicate.object {
        Object::Term(other) => constant(other),
        Object::None
        | Object::Literal(_)
        | Object::List(_)
        | Object::Texts(_)
        | Object::Kinds(_) => true,
    };
    (constant(&predicate.subject) && object)
        .then(|| eval::holds(&predicate.clone().into(), &Value::Null))
}

/// A predicate on every item of a list as a quantifier over the list; `None` where neither subject nor object goes through one.
fn over_items(predicate: &Predicate) -> Result<Option<Condition>, String> {
    let some = |list: Term, body: Predicate| Condition::Items {
        quantifier: Quantifier::Some,
        list: list.into(),
        body: Shared::new(body.into()),
    };
    if is_many(&predicate.subject) {
        let (list, path) = through(&predicate.subject)?;
        let mut body = predicate.clone();
        body.subject = Term::Item { depth: 0, path };
        if let Object::Term(other) = &mut body.object {
            *other = other.within_list().into();
        }
        return Ok(Some(some(list, body)));
    }
    match &predicate.object {
        Object::Term(other) if is_many(other) => {
            let (list, path) = through(other)?;
            let mut body = predicate.clone();
            body.subject = predicate.subject.within_list();
            body.object = Object::Term(Term::Item { depth: 0, path }.into());
            Ok(Some(some(list, body)))
        }
        _ => Ok(None),
    }
}

/// The first list that a term of several values goes through, and the path below its items; else the list of its values.
fn through(term: &Term) -> Result<(Term, FieldPath), String> {
    let parts = |path: &FieldPath| {
        let mut steps = path.segments.iter();
        let at = steps.position(|step| *step == Segment::Each).unwrap_or(0);
        let part = |steps: &[Segment]| FieldPath {
            segments: steps.to_vec().into(),
        };
        let below = path.segments.get(at + 1..).unwrap_or_default();
        (part(&path.segments[..at]), part(below))
    };
    Ok(match term {
        Term::Field(path) => {
            let (list, below) = parts(path);
            (Term::Field(list), below)
        }
        Term::Item { depth, path } => {
            let (path, below) = parts(path);
            let depth = *depth;
            (Term::Item { depth, path }, below)
        }
        // Its values are the items of a list to a matcher.
        anywhere if is_anywhere(anywhere) => (anywhere.clone(), FieldPath::root()),
        other => (listed(other)?, FieldPath::root()),
    })
}
