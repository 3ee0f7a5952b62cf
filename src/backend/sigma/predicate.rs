//! One predicate to a node of the detection, with what it keeps.
//!
//! Sigma compares values as texts in any case: a case-sensitive predicate is `cased`, and a number that could also be a text (or the
//! reverse) makes the translation wider, unless the field's type rules it out. Refused: computed subjects other than a field in
//! lower, upper or text form, orders of texts, and constants that are lists or objects.

use ipnet::IpNet;

use super::search::{Item, Node};
use super::value;
use super::{equality, keywords, presence, reference, text};
use crate::analysis::Fidelity;
use crate::backend::yaml_scalar;
use crate::ir::{FieldPath, Function, Literal, Object, Operator, Predicate, Segment, Term};
use crate::schema::{FieldType, LogSourceMap, sigma};

/// A predicate in Sigma's words.
#[derive(Clone, Debug)]
pub(super) struct Spelled {
    /// The searches.
    pub(super) node: Node,
    /// What they keep.
    pub(super) fidelity: Fidelity,
    /// Why they are not exact; empty where they are.
    pub(super) reason: String,
    /// A second way in which they differ, and why.
    pub(super) also: Option<(Fidelity, String)>,
}

/// Writes predicates about the events of one log source.
#[derive(Clone, Copy)]
pub(super) struct Speller<'m> {
    /// The log source, if it is known.
    pub(super) map: Option<&'m LogSourceMap>,
}

/// A field as the subject of a predicate.
pub(super) struct Subject {
    pub(super) path: FieldPath,
    pub(super) name: String,
    pub(super) kind: FieldType,
    /// Whether the letters' case is folded before the comparison, and to which case.
    pub(super) folded: Option<Function>,
    /// Whether the value's text form is compared.
    pub(super) as_text: bool,
    /// Whether it is each text of the event, which has no name.
    pub(super) is_keyword: bool,
}

pub(super) const LOOSE: &str = "Sigma compares values as texts, so that a number or truth value with this text form also matches";

impl Speller<'_> {
    /// The predicate as searches; the error says why there are none.
    pub(super) fn spell(self, predicate: &Predicate) -> Result<Spelled, String> {
        if let Some((path, modifier)) = reference::part_of_time(&predicate.subject) {
            return self.time(path, modifier, predicate);
        }
        let subject = self.subject(&predicate.subject)?;
        if subject.is_keyword {
            return keywords::spell(&subject, predicate);
        }
        let mut spelled = self.operator(&subject, predicate)?;
        if sigma::path_of(self.map, &subject.name) != subject.path {
            let reason = if subject.path.has_each() {
                "Sigma leaves it to the engine whether a field's name goes through the items of a list"
            } else {
                "a key with a dot is found only by engines that flatten events"
            };
            let reason = reason.to_owned();
            if spelled.fidelity == Fidelity::Exact {
                (spelled.fidelity, spelled.reason) = (Fidelity::Narrower, reason);
            } else {
                spelled.also = Some((Fidelity::Narrower, reason));
            }
        }
        Ok(spelled)
    }

    /// The name of a field that is not computed.
    pub(super) fn name(self, path: &FieldPath) -> Result<String, String> {
        sigma::name_of(self.map, path).ok_or_else(|| {
            if path
                .segments
                .iter()
                .any(|segment| matches!(segment, Segment::Index(_)))
            {
                format!("Sigma has no name for one item of a list (`{path}`)")
            } else {
                format!("Sigma has no name for `{path}`")
            }
        })
    }

    fn subject(self, term: &Term) -> Result<Subject, String> {
        match term {
            Term::Field(path) => Ok(Subject {
                name: self.name(path)?,
                kind: sigma::kind_of(self.map, path),
                path: path.clone(),
                folded: None,
                as_text: false,
                is_keyword: false,
            }),
            Term::Call {
                function: Function::Anywhere,
                ..
            } => Ok(Subject {
                name: String::new(),
                kind: FieldType::Text,
                path: FieldPath::root(),
                folded: None,
                as_text: false,
                is_keyword: true,
            }),
            Term::Call {
                function,
                arguments,
            } => {
                let inner = arguments.first().filter(|_| arguments.len() == 1);
                match (function, inner) {
                    (Function::Lower | Function::Upper, Some(inner)) => {
                        let inner = self.subject(inner)?;
                        let folded = Some(*function);
                        if inner.folded.is_none() {
                            return Ok(Subject { folded, ..inner });
                        }
                        Err(computed(term))
                    }
                    (Function::ToText, Some(inner)) => {
                        let inner = self.subject(inner)?;
                        Ok(Subject {
                            as_text: true,
                            ..inner
                        })
                    }
                    _ => Err(computed(term)),
                }
            }
            Term::Item { .. }
            | Term::Literal(_)
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => Err(computed(term)),
        }
    }

    fn operator(self, subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
        let part = |modifier| match &predicate.object {
            Object::Term(other) => self.reference(subject, other, predicate, Some(modifier)),
            _ => text::texts(subject, predicate, modifier),
        };
        match predicate.operator {
            Operator::Equals | Operator::In => self.equals(subject, predicate),
            Operator::Contains => part("contains"),
            Operator::StartsWith => part("startswith"),
            Operator::EndsWith => part("endswith"),
            Operator::HasTerm => text::has_term(subject, predicate),
            Operator::Matches => text::matches(subject, predicate),
            Operator::Wildcard => text::wildcard(subject, predicate),
            Operator::LessThan => compare(subject, predicate, "lt"),
            Operator::AtMost => compare(subject, predicate, "lte"),
            Operator::GreaterThan => compare(subject, predicate, "gt"),
            Operator::AtLeast => compare(subject, predicate, "gte"),
            Operator::InNetwork => networks(subject, predicate),
            Operator::IsIpAddress => {
                plain(subject)?;
                let spaces = vec![yaml_scalar("0.0.0.0/0"), yaml_scalar("::/0")];
                Ok(exact(Node::item(item(
                    subject,
                    &["cidr"],
                    spaces,
                    "address",
                ))))
            }
            Operator::Exists => {
                plain(subject)?;
                Ok(exact(presence::exists(subject)))
            }
            Operator::IsPresent => {
                plain(subject)?;
                Ok(exact(presence::null(subject).negate()))
            }
            Operator::IsFilled => {
                plain(subject)?;
                Ok(presence::filled(subject))
            }
            Operator::IsTruthy => {
                plain(subject)?;
                Ok(presence::truthy(subject))
            }
            Operator::IsKind => {
                plain(subject)?;
                presence::is_kind(subject, predicate)
            }
        }
    }

    fn equals(self, subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
        match &predicate.object {
            Object::Literal(literal) => {
                equality::equals(subject, predicate, std::slice::from_ref(literal))
            }
            Object::List(literals) => equality::equals(subject, predicate, literals),
            Object::Term(other) => self.reference(subject, other, predicate, None),
            Object::None | Object::Texts(_) | Object::Kinds(_) => Err(misfit(predicate)),
        }
    }
}

pub(super) fn computed(term: &Term) -> String {
    format!("Sigma tests fields; `{term}` is computed")
}

pub(super) fn misfit(predicate: &Predicate) -> String {
    format!("`{}` does not take this object", predicate.operator.name())
}

pub(super) fn exact(node: Node) -> Spelled {
    Spelled {
        node,
        fidelity: Fidelity::Exact,
        reason: String::new(),
        also: None,
    }
}

pub(super) fn wider(node: Node, reason: impl Into<String>) -> Spelled {
    Spelled {
        node,
        fidelity: Fidelity::Wider,
        reason: reason.into(),
        also: None,
    }
}

pub(super) fn narrower(node: Node, reason: impl Into<String>) -> Spelled {
    Spelled {
        fidelity: Fidelity::Narrower,
        ..wider(node, reason)
    }
}

/// Refuses a subject that is more than a field where the operator asks about the field itself.
pub(super) fn plain(subject: &Subject) -> Result<(), String> {
    match subject.folded {
        None if !subject.as_text => Ok(()),
        _ => Err(format!(
            "Sigma tests fields; a form of `{}` is computed",
            subject.name
        )),
    }
}

pub(super) fn item(
    subject: &Subject,
    modifiers: &[&'static str],
    values: Vec<String>,
    label: &str,
) -> Item {
    Item {
        field: subject.name.clone(),
        modifiers: modifiers.to_vec(),
        values,
        label: label.to_owned(),
    }
}

fn compare(
    subject: &Subject,
    predicate: &Predicate,
    modifier: &'static str,
) -> Result<Spelled, String> {
    plain(subject)?;
    match &predicate.object {
        Object::Literal(number @ (Literal::Integer(_) | Literal::Float(_))) => Ok(exact(
            Node::item(item(subject, &[modifier], vec![value::number(number)], "")),
        )),
        Object::Literal(_) => Err("Sigma orders numbers only".to_owned()),
        Object::Term(_) => Err("Sigma orders a field against a constant number only".to_owned()),
        Object::None | Object::List(_) | Object::Texts(_) | Object::Kinds(_) => {
            Err(misfit(predicate))
        }
    }
}

pub(super) fn networks(subject: &Subject, predicate: &Predicate) -> Result<Spelled, String> {
    plain(subject)?;
    let mut values = Vec::new();
    for text in text::object_texts(predicate)? {
        let network = text
            .parse::<IpNet>()
            .map(|network| network.trunc())
            .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
            .map_err(|_| format!("`{text}` is not a network"))?;
        values.push(yaml_scalar(&network.to_string()));
    }
    Ok(exact(Node::item(item(
        subject,
        &["cidr"],
        values,
        "network",
    ))))
}
