//! Questions about one part of a text that is cut at a separator, or about how many there are, as regular expressions.
//!
//! Sigma has no function that cuts a text; a pattern says the same of the text where one character separates the parts. The first
//! and the last part need none (`ends`).

use super::ends;
use crate::ir::{
    CaseSensitivity, Condition, Function, Kind, Literal, Object, Operator, Predicate, Term,
};

/// The condition with such questions asked of whole texts; nothing where there are none.
pub(super) fn of_whole(condition: &Condition) -> Option<Condition> {
    let mut changed = false;
    let asked = condition.clone().map(&mut |node| {
        let Condition::Test(predicate) = node else {
            return None;
        };
        let asked = ends::test(predicate).or_else(|| test(predicate));
        changed |= asked.is_some();
        asked
    });
    changed.then(|| crate::normalize::condition(asked))
}

/// The question about the whole text; nothing where the subject is no part, or the question has no pattern.
fn test(predicate: &Predicate) -> Option<Condition> {
    let Term::Call {
        function,
        arguments,
    } = &predicate.subject
    else {
        return None;
    };
    match (function, &arguments[..]) {
        (Function::Item, [list, Term::Literal(Literal::Integer(at))]) => {
            Cut::of(list, predicate.case)?.part(predicate, *at)
        }
        (Function::Length, [list]) => Cut::of(list, predicate.case)?.count(predicate),
        (Function::Lower | Function::Upper, [text]) => of_letters(predicate, text),
        _ => None,
    }
}

/// What is asked of a text in other letters that they do not matter to.
fn of_letters(predicate: &Predicate, text: &Term) -> Option<Condition> {
    let asked = |operator: Operator, object: Object| {
        Condition::from(Predicate {
            subject: text.clone(),
            operator,
            object,
            ..predicate.clone()
        })
    };
    let is_text = asked(Operator::IsKind, Object::Kinds(vec![Kind::Text]));
    match (predicate.operator, &predicate.object) {
        (Operator::Exists | Operator::IsPresent, _) => Some(is_text),
        (Operator::IsTruthy, _) => Some(is_text.and(asked(Operator::IsTruthy, Object::None))),
        (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::Text) => Some(is_text),
        (Operator::IsKind, _) => Some(Condition::FALSE),
        _ => None,
    }
}

/// A text that is cut at each of a character.
struct Cut<'p> {
    text: &'p Term,
    /// The pattern of the separator.
    separator: String,
    /// The pattern of a character that is none.
    other: String,
}

impl<'p> Cut<'p> {
    fn of(list: &'p Term, case: CaseSensitivity) -> Option<Self> {
        let Term::Call {
            function: Function::Split,
            arguments,
        } = list
        else {
            return None;
        };
        let [text, separator] = arguments.as_ref() else {
            return None;
        };
        let separator = separator.as_literal()?.as_text()?;
        let mut chars = separator.chars();
        let (Some(_), None) = (chars.next(), chars.next()) else {
            return None;
        };
        if separator.contains(char::is_alphabetic) && case == CaseSensitivity::Insensitive {
            return None;
        }
        Some(Self {
            text,
            separator: regex_syntax::escape(separator),
            other: format!("[^{}]", regex_syntax::escape(separator)),
        })
    }

    fn part(&self, predicate: &Predicate, at: i64) -> Option<Condition> {
        let Self {
            separator, other, ..
        } = self;
        let (before, after) = if let Ok(at) = u64::try_from(at) {
            let before = times(at, &format!("{other}*{separator}"));
            (format!("\\A{before}"), format!("(?:{separator}|\\z)"))
        } else {
            let after = times(at.unsigned_abs() - 1, &format!("{separator}{other}*"));
            (format!("(?:\\A|{separator})"), format!("{after}\\z"))
        };
        let any = format!("{other}*");
        let of_texts = |texts: Vec<String>, first: &str, last: &str| -> Condition {
            let own = texts.iter().filter(|text| !self.separates(text));
            let patterns = own.map(|text| {
                let text = regex_syntax::escape(text);
                format!("{before}{first}{text}{last}{after}")
            });
            self.matches(predicate, patterns.collect())
        };
        match (predicate.operator, &predicate.object) {
            (Operator::Exists | Operator::IsPresent, _) => Some(of_texts(one(), &any, "")),
            (Operator::IsKind, Object::Kinds(kinds)) if kinds.contains(&Kind::Text) => {
                Some(of_texts(one(), &any, ""))
            }
            (Operator::IsKind, _) => Some(Condition::FALSE),
            (Operator::IsTruthy, _) => Some(of_texts(one(), &format!("{other}+"), "")),
            (Operator::Equals, Object::Literal(value)) => {
                Some(of_texts(vec![value.as_text()?.to_owned()], "", ""))
            }
            (Operator::In, Object::List(values)) => {
                let texts = values.iter().map(|value| Some(value.as_text()?.to_owned()));
                Some(of_texts(texts.collect::<Option<_>>()?, "", ""))
            }
            (Operator::StartsWith, Object::Texts(texts)) => Some(of_texts(texts.clone(), "", &any)),
            (Operator::EndsWith, Object::Texts(texts)) => Some(of_texts(texts.clone(), &any, "")),
            (Operator::Contains, Object::Texts(texts)) => Some(of_texts(texts.clone(), &any, &any)),
            _ => None,
        }
    }

    fn count(&self, predicate: &Predicate) -> Option<Condition> {
        let Object::Literal(Literal::Integer(asked)) = &predicate.object else {
            return None;
        };
        let asked = u64::try_from(*asked).ok()?;
        let Self {
            separator, other, ..
        } = self;
        let part = format!("{other}*{separator}");
        let at_least = |parts: u64| match parts {
            0 | 1 => vec![String::from("\\A")],
            _ => vec![format!("\\A{}", times(parts - 1, &part))],
        };
        let between = |least: u64, most: Option<u64>| match most {
            None | Some(0) => Vec::new(),
            Some(most) => {
                let (least, most) = (least.saturating_sub(1), most - 1);
                let parts = match (least, most) {
                    (_, 0) => String::new(),
                    _ if least == most => times(most, &part),
                    _ => format!("(?:{part}){{{least},{most}}}"),
                };
                vec![format!("\\A{parts}{other}*\\z")]
            }
        };
        let patterns = match predicate.operator {
            Operator::AtLeast => at_least(asked),
            Operator::GreaterThan => at_least(asked.checked_add(1)?),
            Operator::LessThan => between(0, asked.checked_sub(1)),
            Operator::AtMost => between(0, Some(asked)),
            Operator::Equals => between(asked, Some(asked)),
            _ => return None,
        };
        Some(self.matches(predicate, patterns))
    }

    fn matches(&self, predicate: &Predicate, patterns: Vec<String>) -> Condition {
        if patterns.is_empty() {
            return Condition::FALSE;
        }
        let asked = Predicate {
            subject: self.text.clone(),
            operator: Operator::Matches,
            object: Object::Texts(patterns),
            ..predicate.clone()
        };
        asked.into()
    }

    fn separates(&self, text: &str) -> bool {
        regex_syntax::escape(text).contains(&self.separator)
    }
}

/// The pattern so many times.
fn times(number: u64, pattern: &str) -> String {
    match number {
        0 => String::new(),
        1 => pattern.to_owned(),
        _ => format!("(?:{pattern}){{{number}}}"),
    }
}

/// The empty text, which stands in every part.
fn one() -> Vec<String> {
    vec![String::new()]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::eval;

    fn events() -> Vec<Value> {
        let texts = [
            "", "/", "a", "A/b", "a/b", "/a/b", "a//b", "a/b/c", "x/a/b/c", "ab/ba/aa", "a/b/",
            "b\n/a",
        ];
        let mut events: Vec<Value> = texts.iter().map(|text| json!({"f": text})).collect();
        events.extend([
            json!({}),
            json!({"f": null}),
            json!({"f": ["a"]}),
            json!({"f": 3}),
        ]);
        events
    }

    fn same(predicate: &Predicate) -> bool {
        let Some(asked) = test(predicate) else {
            return false;
        };
        let condition = Condition::from(predicate.clone());
        for event in events() {
            assert_eq!(
                eval::holds(&condition, &event),
                eval::holds(&asked, &event),
                "{condition} and {asked} on {event}"
            );
        }
        true
    }

    fn parts() -> Term {
        Term::call(Function::Split, [Term::field(["f"]), Term::text("/")])
    }

    #[test]
    fn a_part_is_a_pattern_of_the_text() {
        let texts = || Object::Texts(vec!["a".to_owned(), "b".to_owned(), "a/b".to_owned()]);
        let list = Object::List(vec![Literal::text("a"), Literal::text("c")]);
        let questions = [
            (Operator::Equals, Object::Literal(Literal::text("b"))),
            (Operator::Equals, Object::Literal(Literal::text("a/b"))),
            (Operator::Equals, Object::Literal(Literal::text(""))),
            (Operator::In, list),
            (Operator::StartsWith, texts()),
            (Operator::EndsWith, texts()),
            (Operator::Contains, texts()),
            (Operator::IsTruthy, Object::None),
            (Operator::Exists, Object::None),
            (Operator::IsKind, Object::Kinds(vec![Kind::Text])),
            (Operator::IsKind, Object::Kinds(vec![Kind::Number])),
        ];
        for at in [-3, -2, -1, 0, 1, 2, 5] {
            let part = Term::call(
                Function::Item,
                [parts(), Term::Literal(Literal::Integer(at))],
            );
            for (operator, object) in &questions {
                for case in [CaseSensitivity::Sensitive, CaseSensitivity::Insensitive] {
                    let mut predicate = Predicate::new(part.clone(), *operator, object.clone());
                    predicate.case = case;
                    assert!(same(&predicate), "{predicate:?}");
                }
            }
        }
    }

    #[test]
    fn what_letters_do_not_matter_to_is_asked_of_the_text() {
        for function in [Function::Lower, Function::Upper] {
            let term = Term::call(function, [Term::field(["f"])]);
            let kinds = |kind| Object::Kinds(vec![kind]);
            for (operator, object) in [
                (Operator::Exists, Object::None),
                (Operator::IsPresent, Object::None),
                (Operator::IsTruthy, Object::None),
                (Operator::IsKind, kinds(Kind::Text)),
                (Operator::IsKind, kinds(Kind::Null)),
            ] {
                assert!(same(&Predicate::new(term.clone(), operator, object)));
            }
        }
    }

    #[test]
    fn how_many_parts_there_are_is_a_pattern_of_the_text() {
        use Operator::{AtLeast, AtMost, Equals, GreaterThan, LessThan};
        for operator in [AtLeast, AtMost, Equals, GreaterThan, LessThan] {
            for number in 0..5 {
                let object = Object::Literal(Literal::Integer(number));
                let length = Term::call(Function::Length, [parts()]);
                assert!(same(&Predicate::new(length, operator, object)));
            }
        }
    }
}
