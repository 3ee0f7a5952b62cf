//! What stands behind a word in a text of parts: a loop over the parts of a path that takes the part after a known one.
//!
//! Rules read `/subscriptions/<id>/resourceGroups/<name>` by going through its parts with their positions. That is the first
//! match of a regular expression, which is one expression where the loop takes a stage. A part ends before the next separator, so
//! that both find the same part: the separator is one character, and the first part that is the word and is not the last decides.

use std::fmt::Write as _;

use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Object, Operator, Predicate,
    Segment, Term,
};

/// A loop for the part behind a word.
struct Loop<'t> {
    /// The text.
    text: &'t Term,
    /// The parts of the text.
    parts: &'t Term,
    separator: char,
}

/// The part behind the word, where the term is the first of the parts that a loop takes.
pub(in crate::backend) fn part(function: Function, arguments: &[Term]) -> Option<Term> {
    let (Function::Item, [Term::Select { list, when, item }, position]) = (function, arguments)
    else {
        return None;
    };
    let found = Loop::over(list)?;
    if position.as_literal() != Some(&Literal::Integer(0)) || !found.is_next(item) {
        return None;
    }
    let pattern = found.pattern(when, "([^", "]*)")?;
    let arguments = [
        found.text.clone(),
        Term::text(pattern),
        Term::Literal(Literal::Integer(1)),
    ];
    Some(Term::call(Function::Extract, arguments))
}

/// Whether there is a part behind the word, where the question about the parts asks for no more.
pub(in crate::backend) fn has_part(list: &Term, body: &Condition) -> Option<Condition> {
    let found = Loop::over(list)?;
    let pattern = found.pattern(body, "", "")?;
    let object = Object::Texts(vec![pattern]);
    Some(Predicate::new(found.text.clone(), Operator::Matches, object).into())
}

/// The text and the expression, where the term is a part that was found.
fn found(term: &Term) -> Option<(&Term, &str)> {
    match term.arguments_of(Function::Extract)? {
        [text, pattern, _] => {
            let pattern = pattern.as_literal()?.as_text()?;
            Some((text, pattern.strip_suffix("]*)")?.rsplit_once("([^")?.0))
        }
        _ => None,
    }
}

/// Leaves out what holds wherever the part has something, where the condition asks for that.
pub(in crate::backend) fn without_implied(when: &mut Condition, then: &Term) {
    let Some((text, pattern)) = found(then) else {
        return;
    };
    if !when.conjuncts().iter().any(|part| is_filled(part, then)) {
        return;
    }
    let is_implied = |part: &Condition| match part {
        Condition::Test(predicate) if predicate.subject == *text => match &predicate.object {
            Object::None => matches!(
                predicate.operator,
                Operator::IsTruthy | Operator::IsPresent | Operator::IsFilled | Operator::Exists
            ),
            Object::Texts(patterns) => patterns.as_slice() == [pattern],
            _ => false,
        },
        _ => false,
    };
    let kept = when.conjuncts().iter().filter(|part| !is_implied(part));
    *when = kept.cloned().fold(Condition::TRUE, Condition::and);
}

/// Whether the condition asks that the term be something, and no more.
pub(in crate::backend) fn is_filled(when: &Condition, then: &Term) -> bool {
    match when {
        Condition::Test(predicate) => {
            found(then).is_some()
                && predicate.subject == *then
                && matches!(predicate.operator, Operator::IsTruthy | Operator::IsPresent)
        }
        _ => false,
    }
}

/// The part itself, where nothing is shown without it: a table shows a missing text as an empty one.
pub(in crate::backend) fn alone(cases: &[Case], otherwise: &Term) -> Option<Term> {
    match (cases, otherwise.as_literal()) {
        ([case], Some(Literal::Null)) if is_filled(&case.when, &case.then) => {
            Some(case.then.clone())
        }
        _ => None,
    }
}

impl<'t> Loop<'t> {
    fn over(list: &'t Term) -> Option<Self> {
        let [parts] = list.arguments_of(Function::Numbered)? else {
            return None;
        };
        let [text, separator] = parts.arguments_of(Function::Split)? else {
            return None;
        };
        let mut characters = separator.as_literal()?.as_text()?.chars();
        let separator = characters.next()?;
        characters.next().is_none().then_some(Self {
            text,
            parts,
            separator,
        })
    }

    /// The expression that finds the part, which stands between the two texts; they are left out where they are empty.
    fn pattern(&self, when: &Condition, open: &str, close: &str) -> Option<String> {
        let (word, case) = self.word(least(when))?;
        let separator = regex::escape(&self.separator.to_string());
        let mut pattern = String::new();
        if case == CaseSensitivity::Insensitive {
            pattern.push_str("(?i)");
        }
        let word = regex::escape(word);
        let _ = write!(pattern, "(?:^|{separator}){word}{separator}");
        if !open.is_empty() {
            let _ = write!(pattern, "{open}{separator}{close}");
        }
        Some(pattern)
    }

    /// The word, where the condition asks for the part to be it and not the last one.
    fn word<'w>(&self, when: &'w Condition) -> Option<(&'w str, CaseSensitivity)> {
        let (mut word, mut is_followed) = (None, false);
        for conjunct in when.conjuncts() {
            let Condition::Test(predicate) = conjunct else {
                return None;
            };
            match (predicate.operator, &predicate.object) {
                (Operator::Equals, Object::Literal(Literal::Text(text)))
                    if word.is_none() && is_of_pair(&predicate.subject, 1) =>
                {
                    word = Some((text.as_str(), predicate.case));
                }
                (Operator::LessThan, Object::Term(length))
                    if is_next_position(&predicate.subject) && self.is_length(length) =>
                {
                    is_followed = true;
                }
                (Operator::Exists, Object::None) if self.is_next(&predicate.subject) => {}
                _ => return None,
            }
        }
        word.filter(|(word, _)| is_followed && !word.contains(self.separator))
    }

    /// Whether the term is the part behind the one that the loop is at.
    fn is_next(&self, term: &Term) -> bool {
        match term.arguments_of(Function::Item) {
            Some([list, position]) => list == self.parts && is_next_position(position),
            _ => false,
        }
    }

    fn is_length(&self, term: &Term) -> bool {
        matches!(term.arguments_of(Function::Length), Some([list]) if list == self.parts)
    }
}

/// The alternative that all others ask more than, if there is one.
fn least(when: &Condition) -> &Condition {
    let Condition::Any(parts) = when else {
        return when;
    };
    let asks_less = |part: &&Condition| {
        let conjuncts = part.conjuncts();
        parts.iter().all(|other| {
            let others = other.conjuncts();
            conjuncts.iter().all(|one| others.contains(one))
        })
    };
    parts.iter().find(asks_less).unwrap_or(when)
}

/// Whether the term is the position behind the one that the loop is at.
fn is_next_position(term: &Term) -> bool {
    match term.arguments_of(Function::Add) {
        Some([position, one]) => {
            is_of_pair(position, 0) && one.as_literal() == Some(&Literal::Integer(1))
        }
        _ => false,
    }
}

/// Whether the term is the position (0) or the part (1) that the loop is at.
fn is_of_pair(term: &Term, at: i64) -> bool {
    let wanted = FieldPath {
        segments: vec![Segment::Index(at)].into(),
    };
    matches!(term, Term::Item { depth: 0, path } if *path == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval;
    use serde_json::json;

    /// The part behind `groups` of a path, as the loop that rules write.
    fn looped(insensitive: bool) -> (Term, Condition, Term) {
        let pair = |at| Term::Item {
            depth: 0,
            path: FieldPath {
                segments: vec![Segment::Index(at)].into(),
            },
        };
        let one = Term::Literal(Literal::Integer(1));
        let parts = Term::call(Function::Split, [Term::field(["id"]), Term::text("/")]);
        let next = Term::call(Function::Add, [pair(0), one]);
        let mut is_word = Predicate::new(
            pair(1),
            Operator::Equals,
            Object::Literal(Literal::text("groups")),
        );
        if insensitive {
            is_word = is_word.ignore_case();
        }
        let length = Term::call(Function::Length, [parts.clone()]);
        let is_followed = Predicate::new(
            next.clone(),
            Operator::LessThan,
            Object::Term(length.into()),
        );
        let when = Condition::from(is_word).and(is_followed.into());
        let list = Term::call(Function::Numbered, [parts.clone()]);
        (list, when, Term::call(Function::Item, [parts, next]))
    }

    #[test]
    fn a_loop_and_its_expression_find_the_same_part() {
        for insensitive in [false, true] {
            let (list, when, item) = looped(insensitive);
            let select = Term::Select {
                list: list.clone().into(),
                when: when.clone().into(),
                item: item.into(),
            };
            let arguments = [select, Term::Literal(Literal::Integer(0))];
            let found = part(Function::Item, &arguments).unwrap();
            let has = has_part(&list, &when).unwrap();
            let looped = Term::call(Function::Item, arguments);
            for id in [
                "/a/b/groups/x/c",
                "/groups/groups/x",
                "groups/x",
                "/a/groups",
                "/a/groups/",
                "/A/GROUPS/X",
                "/mygroups/x/groups/y",
                "/groups//x",
                "",
            ] {
                let event = json!({ "id": id });
                let value = eval::value(&looped, &event);
                assert_eq!(eval::holds(&has, &event), value.is_some(), "{id}");
                let text = value.unwrap_or_else(|| json!(""));
                assert_eq!(eval::value(&found, &event), Some(text), "{id}");
            }
        }
    }
}
