//! Questions about the first or the last part of a text, as questions about how the text begins or ends.
//!
//! Python cuts a name at its dots to compare what stands last. A text whose last part is `create` ends with `.create`, or is
//! `create`, which Sigma has words for. Invariant: the verdict on every event stays, whatever the value that is cut.

use crate::ir::{
    CaseSensitivity, Condition, Function, Kind, Literal, Object, Operator, Predicate, Term,
};

/// The first or last part of a text that is cut at a separator.
struct Part {
    text: Term,
    separator: String,
    is_last: bool,
}

/// The question about the text that the subject is a part of.
pub(super) fn test(predicate: &Predicate) -> Option<Condition> {
    let part = Part::of(&predicate.subject)?;
    let folds = predicate.case == CaseSensitivity::Insensitive;
    if folds && part.separator.contains(char::is_alphabetic) {
        return None;
    }
    let asked = |operator: Operator, object: Object| -> Condition {
        let asked = Predicate {
            subject: part.text.clone(),
            operator,
            object,
            ..predicate.clone()
        };
        asked.into()
    };
    let is_text = || asked(Operator::IsKind, Object::Kinds(vec![Kind::Text]));
    match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent, _) => Some(is_text()),
        (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::Text) => Some(is_text()),
        (Operator::IsKind, _) => Some(Condition::FALSE),
        (Operator::IsTruthy, _) => {
            let empty = part.is_one_of(&asked, vec![String::new()]);
            Some(is_text().and(empty.negate()))
        }
        (Operator::Equals | Operator::In, object) => {
            let values = texts(object, folds)?;
            let values = values.into_iter().filter(|value| part.can_be(value));
            let values: Vec<String> = values.collect();
            if values.is_empty() {
                return Some(Condition::FALSE);
            }
            Some(part.is_one_of(&asked, values))
        }
        (Operator::StartsWith, Object::Texts(texts)) if !part.is_last => part
            .within(texts)
            .then(|| asked(predicate.operator, Object::Texts(texts.clone()))),
        (Operator::EndsWith, Object::Texts(texts)) if part.is_last => part
            .within(texts)
            .then(|| asked(predicate.operator, Object::Texts(texts.clone()))),
        _ => None,
    }
}

impl Part {
    fn of(term: &Term) -> Option<Self> {
        let Term::Call {
            function,
            arguments,
        } = term
        else {
            return None;
        };
        match (function, &arguments[..]) {
            // The separators that are cut at here have no case.
            (Function::Lower | Function::Upper, [inner]) => {
                let part = Self::of(inner)?;
                (!part.separator.contains(char::is_alphabetic)).then(|| Self {
                    text: Term::call(*function, [part.text]),
                    ..part
                })
            }
            (
                Function::Item,
                [
                    Term::Call {
                        function,
                        arguments,
                    },
                    position,
                ],
            ) => {
                let (text, separator) = (arguments.first()?, arguments.get(1)?);
                let most = arguments.get(2);
                let cuts = |most: &Term| matches!(most, Term::Literal(Literal::Integer(most)) if *most > 0);
                let is_last = match (function, position.as_literal()?) {
                    (Function::Split, Literal::Integer(0)) => false,
                    (Function::Split, Literal::Integer(-1)) => true,
                    (Function::SplitFirst, Literal::Integer(0)) if most.is_some_and(cuts) => false,
                    (Function::SplitLast, Literal::Integer(-1)) if most.is_some_and(cuts) => true,
                    _ => return None,
                };
                let separator = separator.as_literal()?.as_text()?;
                // Where the separator may overlap itself it matters from which side it is looked for.
                (separator.chars().count() == 1).then(|| Self {
                    text: text.clone(),
                    separator: separator.to_owned(),
                    is_last,
                })
            }
            _ => None,
        }
    }

    fn can_be(&self, value: &str) -> bool {
        !value.contains(&self.separator)
    }

    /// Whether the texts are within the part wherever the whole text begins or ends with them.
    fn within(&self, texts: &[String]) -> bool {
        texts.iter().all(|text| self.can_be(text))
    }

    /// Whether the part is one of the values: whether the text is, or has it beside the separator at its end.
    fn is_one_of(
        &self,
        asked: &impl Fn(Operator, Object) -> Condition,
        values: Vec<String>,
    ) -> Condition {
        let beside = values.iter().map(|value| {
            if self.is_last {
                format!("{}{value}", self.separator)
            } else {
                format!("{value}{}", self.separator)
            }
        });
        let beside = beside.collect();
        let values = values.into_iter().map(Literal::Text).collect();
        let operator = if self.is_last {
            Operator::EndsWith
        } else {
            Operator::StartsWith
        };
        asked(operator, Object::Texts(beside)).or(asked(Operator::In, Object::List(values)))
    }
}

/// The constants, if all are texts; in any case of letters only where there is one way to fold them.
fn texts(object: &Object, folds: bool) -> Option<Vec<String>> {
    let literals = match object {
        Object::Literal(literal) => std::slice::from_ref(literal),
        Object::List(literals) => literals,
        Object::None | Object::Term(_) | Object::Texts(_) | Object::Kinds(_) => return None,
    };
    let text = |literal: &Literal| {
        let text = literal.as_text()?;
        (!folds || text.is_ascii()).then(|| text.to_owned())
    };
    literals.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::eval;

    fn values() -> Vec<Value> {
        let texts = [
            "", ".", "a", "A", "a.b", "b.a", ".a", "a.", "x.y.a", "x.ya", "a.y.x", "b", "x.B",
            "xa.y",
        ];
        let mut values: Vec<Value> = texts.iter().map(|text| json!({"f": text})).collect();
        values.extend([
            json!({}),
            json!({"f": null}),
            json!({"f": 5}),
            json!({"f": ["a"]}),
            json!({"f": {"a": 1}}),
        ]);
        values
    }

    fn parts() -> Vec<Term> {
        let (field, dot) = (Term::field(["f"]), Term::text("."));
        let number = |number| Term::Literal(Literal::Integer(number));
        let split = |function, most: Option<i64>, at| {
            let arguments = [field.clone(), dot.clone()]
                .into_iter()
                .chain(most.map(number));
            let arguments: Vec<Term> = arguments.collect();
            Term::call(
                Function::Item,
                [Term::call(function, arguments), number(at)],
            )
        };
        let mut parts = vec![
            split(Function::Split, None, 0),
            split(Function::Split, None, -1),
            split(Function::SplitFirst, Some(1), 0),
            split(Function::SplitLast, Some(1), -1),
        ];
        parts.push(Term::call(Function::Lower, [parts[1].clone()]));
        parts
    }

    #[test]
    fn a_part_is_asked_as_the_text_is() {
        let texts =
            |texts: &[&str]| Object::Texts(texts.iter().map(|&text| text.to_owned()).collect());
        let list =
            |texts: &[&str]| Object::List(texts.iter().map(|&text| Literal::text(text)).collect());
        let questions = [
            (Operator::Equals, Object::Literal(Literal::text("a"))),
            (Operator::Equals, Object::Literal(Literal::text(""))),
            (Operator::Equals, Object::Literal(Literal::text("a.b"))),
            (Operator::In, list(&["a", "b", "x.y"])),
            (Operator::StartsWith, texts(&["a", "x"])),
            (Operator::EndsWith, texts(&["a", "b"])),
            (Operator::IsTruthy, Object::None),
            (Operator::Exists, Object::None),
            (Operator::IsPresent, Object::None),
            (
                Operator::IsKind,
                Object::Kinds(vec![Kind::Text, Kind::List]),
            ),
            (Operator::IsKind, Object::Kinds(vec![Kind::List])),
        ];
        let mut asked = 0;
        for part in parts() {
            for (operator, object) in &questions {
                for case in [CaseSensitivity::Sensitive, CaseSensitivity::Insensitive] {
                    let mut predicate = Predicate::new(part.clone(), *operator, object.clone());
                    predicate.case = case;
                    let Some(other) = test(&predicate) else {
                        continue;
                    };
                    asked += 1;
                    let condition = Condition::from(predicate);
                    for event in values() {
                        assert_eq!(
                            eval::holds(&condition, &event),
                            eval::holds(&other, &event),
                            "{condition} and {other} on {event}"
                        );
                    }
                }
            }
        }
        assert_eq!(asked, 100, "questions that are asked of the text");
    }

    #[test]
    fn what_may_be_cut_in_two_ways_is_left() {
        let cut = |separator: &str| {
            let parts = Term::call(Function::Split, [Term::field(["f"]), Term::text(separator)]);
            let last = Term::call(Function::Item, [parts, Term::Literal(Literal::Integer(-1))]);
            let mut predicate =
                Predicate::new(last, Operator::Equals, Object::Literal(Literal::text("a")));
            predicate.case = CaseSensitivity::Insensitive;
            predicate
        };
        assert!(test(&cut("/")).is_some());
        assert!(
            test(&cut("::")).is_none(),
            "a separator that may overlap itself"
        );
        assert!(test(&cut("x")).is_none(), "a separator with a case");
    }
}
