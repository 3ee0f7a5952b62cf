//! Calls of the IR's functions to calls of Kusto's.
//!
//! A function of a value that is missing is missing, which a table shows as an empty text or a typed null; what each result then
//! stands for is kept with it. Refused: functions without a counterpart, arguments that must be constant and are not.

use serde_json::Value as Json;

use super::collected;
use super::dialect;
use super::place::Gap;
use super::quote;
use super::term::Scope;
use super::value::{Blank, Kind, Value, infix, strength};
use super::wording;
use crate::backend::assume::Walk;
use crate::backend::fragment::Fragment;
use crate::eval;
use crate::ir::{FieldPath, Function, Literal, Term, uncommon_function};
use crate::schema::FieldType;

impl Scope<'_> {
    /// What the text spells. One within a dynamic value is read as a text first: `parse_json` leaves a dynamic value as it is.
    fn parsed(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        let is_within =
            value.kind == Kind::Dynamic && matches!(value.holds, FieldType::Text | FieldType::Any);
        let value = if is_within { value.as_text() } else { value };
        Ok(value.as_dynamic())
    }

    pub(super) fn call(&self, function: Function, arguments: &[Term]) -> Result<Value, Gap> {
        let too_few = || Gap::Unreadable(format!("`{}` lacks an argument", function.name()));
        if let Some(value) = self.exactly(function, arguments) {
            return value;
        }
        if collected::says(function) {
            return self.collected(function, arguments);
        }
        if wording::says(function) {
            return self.worded(function, arguments);
        }
        let first = arguments.first().ok_or_else(too_few)?;
        let rest = &arguments[1..];
        let second = || rest.first().ok_or_else(too_few);
        let wrap = |name: &str, kind| self.of_text(name, function, kind, first, rest);
        match function {
            Function::Lower => wrap("tolower({})", Kind::Text),
            Function::Upper => wrap("toupper({})", Kind::Text),
            Function::Trim => wrap("trim(@\"\\s+\", {})", Kind::Text),
            Function::Length => self.length(first),
            Function::Concat => self.concat(arguments),
            Function::ToText => self.to_text(first),
            Function::ToNumber => Ok(self.number(first)?.blank(Some(Blank::null()))),
            Function::Coalesce => self.coalesce(arguments, false),
            Function::IfMissing => self.coalesce(arguments, true),
            Function::ParseJson => self.parsed(first),
            // KQL tells upper and lower case apart, so that the vendor's spelling of a key is the exact one.
            Function::Member | Function::MemberExact => self.member(first, second()?),
            Function::Item => self.item(first, second()?),
            Function::Split => self.split(first, second()?),
            Function::Substring => {
                let numbers = listed(rest, |term| Ok(self.whole(term)?.text()))?;
                wrap(&format!("substring({{}}, {numbers})"), Kind::Text)
            }
            Function::IndexOfRegex => {
                let pattern = regex(second()?)?;
                wrap(&format!("indexof_regex({{}}, {pattern})"), Kind::Whole)
            }
            Function::Replace => {
                let texts = listed(rest, |term| self.text(term))?;
                wrap(&format!("replace_string({{}}, {texts})"), Kind::Text)
            }
            Function::Extract => {
                let (pattern, group) = (regex(second()?)?, rest.get(1).ok_or_else(too_few)?);
                let group = self.whole(group)?.text();
                wrap(&format!("extract({pattern}, {group}, {{}})"), Kind::Text)
            }
            Function::Add => self.arithmetic("+", first, second()?),
            Function::Subtract => self.arithmetic("-", first, second()?),
            Function::Display | Function::DisplayEvent => self.display(first),
            #[allow(unreachable_patterns, reason = "those that are said here stand before")]
            uncommon_function!() => Err(Gap::Unreadable(format!(
                "`{}` has no counterpart yet",
                function.name()
            ))),
            Function::Each => Err(Gap::Unreadable("one row per item takes a stage".to_owned())),
        }
    }

    /// A function of a text; `call` holds `{}` where the text goes.
    pub(super) fn of_text(
        &self,
        call: &str,
        function: Function,
        kind: Kind,
        first: &Term,
        rest: &[Term],
    ) -> Result<Value, Gap> {
        let value = self.try_term(first)?;
        if matches!(
            value.holds,
            FieldType::Boolean | FieldType::Integer | FieldType::Float
        ) {
            let reason = format!(
                "`{}` asks for a text, which `{first}` is not",
                function.name()
            );
            return Err(Gap::Unreadable(reason));
        }
        Ok(Self::applied(&value.as_text(), call, function, kind, rest))
    }

    /// The same with nothing for a value that is no text: a list of what its text form has is one of no text.
    pub(super) fn of_text_alone(
        &self,
        call: &str,
        function: Function,
        kind: Kind,
        first: &Term,
        rest: &[Term],
    ) -> Result<Value, Gap> {
        let value = self.try_term(first)?;
        if value.kind == Kind::Dynamic && value.holds == FieldType::Any && !value.reshaped {
            return Ok(Self::applied(
                &value.only_text(),
                call,
                function,
                kind,
                rest,
            ));
        }
        self.of_text(call, function, kind, first, rest)
    }

    /// The function of a text.
    fn applied(value: &Value, call: &str, function: Function, kind: Kind, rest: &[Term]) -> Value {
        let blank = value.blank.as_ref().map(|blank| {
            let apply = |value: &Json| {
                let arguments: Vec<Term> = std::iter::once(Term::Field(FieldPath::root()))
                    .chain(rest.iter().cloned())
                    .collect();
                eval::value(&Term::call(function, arguments), value)
            };
            Blank {
                shown: apply(&blank.shown).unwrap_or(Json::Null),
                means: blank
                    .means
                    .iter()
                    .map(|mean| mean.as_ref().and_then(apply))
                    .collect(),
            }
        });
        let (before, after) = call.split_once("{}").unwrap_or((call, ""));
        let fragment = value.fragment.clone().flat_call(before, after);
        let mut result = Value::of(fragment, kind).blank(blank);
        // What is no text in the event has no such result there.
        let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
        if !is_text {
            result.holds = FieldType::Any;
            result.partial = true;
            // The other functions leave brackets and digits where they are.
            let whole = matches!(function, Function::Lower | Function::Upper | Function::Trim);
            result.cut = value.cut || !whole;
        }
        result.reshaped = value.reshaped || (kind != Kind::Text && !is_text);
        result
    }

    /// The text form of a value, which is a text whatever the value was.
    fn to_text(&self, term: &Term) -> Result<Value, Gap> {
        let mut value = self.try_term(term)?.as_text();
        value.holds = FieldType::Text;
        if let Some(blank) = &mut value.blank {
            for mean in &mut blank.means {
                *mean = mean.take().filter(|mean| !mean.is_null());
            }
        }
        Ok(value)
    }

    /// What Python shows of a value: `None` for a missing one. It shows truth values, lists and objects in words of its own.
    fn display(&self, term: &Term) -> Result<Value, Gap> {
        let holds = self.try_term(term)?.holds;
        let mut value = self.coalesce(&[term.clone(), Term::text("None")], false)?;
        value.holds = FieldType::Text;
        value.reshaped |= !matches!(
            holds,
            FieldType::Text | FieldType::Datetime | FieldType::Integer
        );
        Ok(value)
    }

    fn text(&self, term: &Term) -> Result<String, Gap> {
        Ok(self.try_term(term)?.as_text().text())
    }

    fn length(&self, term: &Term) -> Result<Value, Gap> {
        if let Some(Literal::List(items)) = term.as_literal() {
            return Ok(Value::atom(items.len().to_string(), Kind::Whole));
        }
        let value = self.try_term(term)?;
        let list = matches!(value.holds, FieldType::ScalarList | FieldType::ObjectList);
        if list {
            Ok(value.as_dynamic().converted("array_length", Kind::Whole))
        } else if value.holds == FieldType::Object {
            let keys = value.as_dynamic().converted("bag_keys", Kind::Dynamic);
            Ok(keys.converted("array_length", Kind::Whole))
        } else if value.kind == Kind::Dynamic && value.holds == FieldType::Any && !value.reshaped {
            Ok(length_of_any(&value, Walk::of(term).is_some()))
        } else {
            self.of_text("strlen({})", Function::Length, Kind::Whole, term, &[])
        }
    }

    fn concat(&self, arguments: &[Term]) -> Result<Value, Gap> {
        let parts: Result<Vec<Fragment>, Gap> = arguments
            .iter()
            .map(|argument| Ok(self.try_term(argument)?.fragment))
            .collect();
        Ok(Value::of(Fragment::called("strcat", &parts?), Kind::Text))
    }

    /// The first value that is there; `coalesce` passes over empty texts, which is what a table makes of missing ones.
    fn coalesce(&self, arguments: &[Term], keeps_null: bool) -> Result<Value, Gap> {
        let values: Result<Vec<Value>, Gap> =
            arguments.iter().map(|term| self.try_term(term)).collect();
        let values = values?;
        if let Some(shown) = self.filled_in(&values, arguments) {
            return Ok(shown);
        }
        let mut values = self.of_one_kind(values, arguments);
        // What never shows a blank needs no fallback.
        let always = |value: &Value| {
            let shown = value.blank.as_ref().map(|blank| &blank.shown);
            shown.is_none_or(|shown| !shown.is_null() && shown != "")
        };
        let settled = values.first().is_some_and(always);
        if settled {
            values.truncate(1);
        }
        let (Some(first), Some(last)) = (values.first().cloned(), values.last().cloned()) else {
            return Err(Gap::Unreadable("`coalesce` lacks an argument".to_owned()));
        };
        let fallback = arguments.last().and_then(Term::as_literal);
        let blank = match fallback {
            Some(literal) => first.blank.as_ref().map(|blank| Blank {
                shown: if settled {
                    blank.shown.clone()
                } else {
                    literal.to_json()
                },
                means: blank.means_or(&literal.to_json(), keeps_null),
            }),
            None => last.blank.clone(),
        };
        // A table shows a missing text as an empty one by itself.
        if !settled && fallback.and_then(Literal::as_text) == Some("") && first.kind == Kind::Text {
            values.pop();
        }
        if let [only] = values.as_slice() {
            return Ok(only.clone().blank(blank));
        }
        let parts: Vec<Fragment> = values.iter().map(|value| value.fragment.clone()).collect();
        let mut value = Value::of(Fragment::called("coalesce", &parts), first.kind);
        let alike = values.iter().all(|value| value.holds == first.holds);
        value.holds = if alike { first.holds } else { FieldType::Any };
        value.partial = first.partial;
        value.reshaped = values.iter().any(|value| value.reshaped);
        Ok(value.blank(blank))
    }

    /// The values in one type, as which Kusto takes the first of them: as texts where they differ, or where a text stands for a list or
    /// an object in what is compared.
    fn of_one_kind(&self, values: Vec<Value>, arguments: &[Term]) -> Vec<Value> {
        let is_made = |term: &Term| {
            let made = term.as_literal();
            matches!(made, Some(Literal::List(_) | Literal::Object(_)))
        };
        let same = values.windows(2).all(|pair| pair[0].kind == pair[1].kind);
        let is_dynamic = |value: &Value| value.kind == Kind::Dynamic;
        let is_shown = self.lenient && arguments.last().is_some_and(is_made);
        let stay = is_shown && values.iter().all(is_dynamic);
        if stay || same && !values.iter().any(is_dynamic) {
            return values;
        }
        let texts = values.iter().zip(arguments);
        let texts = texts.map(|(value, term)| match term.as_literal() {
            Some(literal) if is_made(term) => {
                Value::atom(quote::text(&literal.to_json().to_string()), Kind::Text)
            }
            _ => value.as_text(),
        });
        texts.collect()
    }

    fn member(&self, object: &Term, key: &Term) -> Result<Value, Gap> {
        // A key below a field may have a column of its own.
        if let (Term::Field(path), Some(key)) =
            (object, key.as_literal().and_then(Literal::as_text))
        {
            return self.try_term(&Term::Field(path.key(key)));
        }
        let holder = self.try_term(object)?.as_dynamic().fragment;
        let member = if let Some(key) = key.as_literal().and_then(Literal::as_text) {
            Fragment::form("{}{}", &[&holder, &Fragment::atom(quote::member(key))])
        } else {
            let key = self.try_term(key)?.as_text().fragment;
            Fragment::form("{}[{}]", &[&holder, &key])
        };
        Ok(Value::of(member, Kind::Dynamic).blank(Some(Blank::null())))
    }

    fn split(&self, whole: &Term, separator: &Term) -> Result<Value, Gap> {
        let call = format!("split({{}}, {})", self.text(separator)?);
        let separator = std::slice::from_ref(separator);
        let mut parts =
            self.of_text_alone(&call, Function::Split, Kind::Dynamic, whole, separator)?;
        parts.holds = FieldType::ScalarList;
        Ok(parts)
    }

    fn item(&self, list: &Term, position: &Term) -> Result<Value, Gap> {
        if let Some(part) = self.part_of_two(list, position) {
            return part;
        }
        let whole = whole_split(list, position);
        let list = whole.as_ref().unwrap_or(list);
        let holder = match list {
            // One part of a text form is asked for, which that of a list or an object hardly has.
            Term::Call {
                function: Function::Split,
                arguments,
            } if arguments.len() == 2 && self.lookup(list).is_none() => {
                let call = format!("split({{}}, {})", self.text(&arguments[1])?);
                let (whole, rest) = (&arguments[0], &arguments[1..]);
                self.of_text(&call, Function::Split, Kind::Dynamic, whole, rest)?
            }
            list => self.try_term(list)?.as_dynamic(),
        };
        let position = self.whole(position)?.fragment;
        let item = Fragment::form("{}[{}]", &[&holder.fragment, &position]);
        let mut value = Value::of(item, Kind::Dynamic).blank(Some(Blank::null()));
        // The parts of a text are texts; the first part of an empty text is one, too.
        let is_split = matches!(
            list,
            Term::Call {
                function: Function::Split,
                ..
            }
        );
        if is_split {
            value.holds = FieldType::Text;
            value.blank = Some(Blank::text());
        }
        Ok(value)
    }

    /// What stands behind the first separator of a text, or the last one: no part of a split at every separator.
    fn part_of_two(&self, list: &Term, position: &Term) -> Option<Result<Value, Gap>> {
        let Term::Call {
            function,
            arguments,
        } = list
        else {
            return None;
        };
        let [text, separator, most] = arguments.as_ref() else {
            return None;
        };
        let one = Term::Literal(Literal::Integer(1));
        let separator = separator.as_literal()?.as_text()?;
        if *most != one || *position != one || separator.is_empty() {
            return None;
        }
        let before = match function {
            Function::SplitFirst => ".*?",
            Function::SplitLast => ".*",
            _ => return None,
        };
        let value = match self.try_term(text) {
            Ok(value) => value,
            Err(gap) => return Some(Err(gap)),
        };
        if !matches!(value.holds, FieldType::Text | FieldType::Datetime) || value.reshaped {
            return None;
        }
        let pattern = format!("(?s)^{before}{}(.*)$", regex::escape(separator));
        let pattern = Fragment::atom(quote::regex(&pattern));
        let call = Fragment::form("extract({}, 1, {})", &[&pattern, &value.as_text().fragment]);
        let part = Value::of(call, Kind::Text).blank(Some(Blank::text()));
        Some(Ok(Value {
            holds: FieldType::Text,
            ..part
        }))
    }

    fn number(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        match value.kind {
            Kind::Whole | Kind::Real | Kind::Open => Ok(value),
            Kind::Text | Kind::Dynamic => Ok(value.converted("toreal", Kind::Real)),
            Kind::Bool | Kind::Time => Err(Gap::Unreadable(format!("`{term}` is no number"))),
        }
    }

    fn whole(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.number(term)?;
        Ok(match value.kind {
            Kind::Real => value.converted("tolong", Kind::Whole),
            _ => value,
        })
    }

    fn arithmetic(&self, sign: &'static str, left: &Term, right: &Term) -> Result<Value, Gap> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        // The right operand of a difference is not joined to it without brackets.
        let right_text = if right.is_atom() {
            right.fragment
        } else {
            right.fragment.call("(", ")")
        };
        let real = left.kind == Kind::Real || right.kind == Kind::Real;
        let mut value = Value::atom("", if real { Kind::Real } else { Kind::Whole });
        value.fragment = infix(&left.fragment, sign, right_text, strength::SUM);
        Ok(value.blank(Some(Blank::null())))
    }
}

/// The split at every separator whose part at the position is that of a split at some of them, counted from the same end. One
/// character has no two ways to be found, so that both cut at the same places.
fn whole_split(list: &Term, position: &Term) -> Option<Term> {
    let Term::Call {
        function: function @ (Function::SplitFirst | Function::SplitLast),
        arguments,
    } = list
    else {
        return None;
    };
    let [text, separator, most] = arguments.as_ref() else {
        return None;
    };
    let is_character = separator.as_literal()?.as_text()?.chars().count() == 1;
    let whole = |term: &Term| match term.as_literal()? {
        Literal::Integer(number) => Some(*number),
        _ => None,
    };
    let (position, most) = (whole(position)?, whole(most)?);
    let same = most < 0
        || match function {
            Function::SplitFirst => (0..most).contains(&position),
            _ => (-most..0).contains(&position),
        };
    (is_character && same).then(|| Term::call(Function::Split, [text.clone(), separator.clone()]))
}

/// How many characters, items or keys a value of any kind has; null for one that has none of these. What is `walked` to is no object,
/// of which Kusto knows the type.
fn length_of_any(value: &Value, walked: bool) -> Value {
    let keys = "gettype({}) == \"dictionary\", array_length(bag_keys({})), ";
    let keys = if walked { "" } else { keys };
    let call = "case(gettype({}) == \"string\", strlen(tostring({})), ";
    let call = format!("{call}{keys}array_length({{}}))");
    let parts = vec![&value.fragment; call.matches("{}").count()];
    Value::of(Fragment::form(&call, &parts), Kind::Whole).blank(Some(Blank::null()))
}

pub(super) fn regex(term: &Term) -> Result<String, Gap> {
    let pattern = term
        .as_literal()
        .and_then(Literal::as_text)
        .ok_or_else(|| Gap::Unreadable("the regular expression is not a constant".to_owned()))?;
    match dialect::refusal(pattern) {
        Some(reason) => Err(Gap::Unreadable(reason)),
        None => Ok(quote::regex(pattern)),
    }
}

/// Arguments with commas between.
fn listed(terms: &[Term], written: impl Fn(&Term) -> Result<String, Gap>) -> Result<String, Gap> {
    let terms: Result<Vec<String>, Gap> = terms.iter().map(written).collect();
    Ok(terms?.join(", "))
}
