//! Choices by what a text is: a dictionary at the top of the module, from which the value is taken.

use super::code::Code;
use super::names;
use super::notation::Python;
use super::term::Loops;
use crate::ir::{Case, CaseSensitivity, Condition, Literal, Object, Operator, Predicate, Term};

/// Fewer cases are written one after the other.
const FEWEST: usize = 4;

impl Python<'_> {
    /// The value that a dictionary has for a text, where each case of a choice gives a constant for some constant texts.
    pub(super) fn table(&self, cases: &[Case], otherwise: &Term) -> Result<Option<Code>, String> {
        let Some(first) = cases.first().and_then(keyed).filter(|_| is_table(cases)) else {
            return Ok(None);
        };
        let mut loops = Loops::default();
        let mut key = self.text(&first.subject, false, &mut loops)?;
        if !loops.clauses.is_empty() {
            return Ok(None);
        }
        let fold = first.case == CaseSensitivity::Insensitive;
        if fold {
            key = key.method("lower", Vec::new());
        }
        let (mut known, mut entries) = (Vec::new(), Vec::new());
        for case in cases {
            let (Some(predicate), Term::Literal(value)) = (keyed(case), &case.then) else {
                return Ok(None);
            };
            for text in texts(&predicate.object).unwrap_or_default() {
                let text = if fold {
                    text.to_lowercase()
                } else {
                    text.to_owned()
                };
                // The first case that holds decides.
                if !known.contains(&text) {
                    entries.push(Code::entry(
                        Code::text(&text),
                        Code::value(&value.to_json()),
                    ));
                    known.push(text);
                }
            }
        }
        let mut arguments = vec![key];
        if !matches!(otherwise, Term::Literal(Literal::Null)) {
            arguments.push(self.single(otherwise)?);
        }
        let stem = names::plural(&names::constant(&first.subject));
        let table = self.module.constant(&stem, Code::dictionary(entries));
        Ok(Some(table.method("get", arguments)))
    }
}

/// Whether the choice is one by what a text is.
pub(super) fn is_table(cases: &[Case]) -> bool {
    let Some(first) = cases.first().and_then(keyed) else {
        return false;
    };
    let fits = |case: &Case| {
        let same = |predicate: &Predicate| {
            predicate.subject == first.subject && predicate.case == first.case
        };
        matches!(case.then, Term::Literal(_)) && keyed(case).is_some_and(same)
    };
    cases.len() >= FEWEST && cases.iter().all(fits)
}

/// The question of a case, if it is whether a value is one of some texts, none of them empty: what is no text is as the empty one.
fn keyed(case: &Case) -> Option<&Predicate> {
    let Condition::Test(predicate) = &case.when else {
        return None;
    };
    let is_equality = matches!(predicate.operator, Operator::Equals | Operator::In);
    let texts = texts(&predicate.object)?;
    (is_equality && texts.iter().all(|text| !text.is_empty())).then_some(predicate)
}

/// The constant texts that an object is made of.
fn texts(object: &Object) -> Option<Vec<&str>> {
    match object {
        Object::Literal(literal) => Some(vec![literal.as_text()?]),
        Object::List(literals) => literals.iter().map(Literal::as_text).collect(),
        Object::Texts(texts) => Some(texts.iter().map(String::as_str).collect()),
        Object::None | Object::Term(_) | Object::Kinds(_) => None,
    }
}
