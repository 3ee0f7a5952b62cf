//! Calls that are more than a helper of their arguments' values: texts put together, defaults, keys, regular expressions,
//! formats, and what is made of a value and of values within it.
//!
//! Refused: patterns, formats and names that are not constant, and what the two languages read differently.

use std::rc::Rc;

use super::code::{Code, Line};
use super::formatted::is_joined;
use super::function::{is_of_event, is_scalar, makes_objects, may_be_null};
use super::joined::formatted;
use super::notation::Python;
use super::regex;
use super::shape::Sign;
use super::term::Loops;
use crate::ir::compute::Specification;
use crate::ir::compute::time::Format;
use crate::ir::{
    Case, Condition, Function, Literal, Object, Operator, Predicate, Segment, Shared, Term,
};

/// The encodings that are Python's under the same names.
const ENCODINGS: &[&str] = &["ascii", "latin-1", "utf-8", "utf-16-le"];

/// The parts of a URL.
const URL_PARTS: &[&str] = &["scheme", "netloc", "path", "params", "query", "fragment"];

/// The parts of a time.
const TIME_PARTS: &[&str] = &[
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "second",
    "microsecond",
    "weekday",
];

impl Python<'_> {
    /// The call of a function that has no helper of its arguments' values alone.
    pub(super) fn function_call(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        match (function, arguments) {
            (Function::Each, [argument]) => self.value(argument, loops),
            (Function::Join, [list, separator]) => self.joined(list, separator, loops),
            (Function::Slice, [list, start, end]) => self.part_of(list, start, end, loops),
            (Function::Anywhere, _) => self.each_text(loops),
            (Function::Concat, _) => self.concat(arguments, loops),
            (Function::Coalesce, _) => self.coalesce(arguments, loops),
            (Function::IfMissing, [term, default]) => self.if_missing(term, default, loops),
            (Function::Member, [object, key]) => self.member(object, key, loops),
            (
                Function::Item | Function::Least | Function::Greatest | Function::Position,
                [list, rest @ ..],
            ) => self.with_items(function, list, rest, loops),
            (Function::List, _) => {
                let values = self.values_of_any(arguments, loops)?;
                Ok(Code::list(values))
            }
            (Function::Object, _) => self.object(arguments, loops),
            (Function::Walk, [value, keys, default, which]) => {
                self.walk("walk", value, keys, default, Some(which), loops)
            }
            (Function::Recurse, [Term::Select { list, item, .. }, Term::Literal(number)]) => {
                self.recurse(list, item, number)
            }
            (Function::Again, [part, Term::Literal(number)]) => self.again(part, number),
            (Function::Display | Function::DisplayEvent, [value]) => {
                let helper = match function {
                    Function::Display if is_scalar(value) => "str",
                    Function::DisplayEvent if is_of_event(value) => "str",
                    Function::Display => "shown",
                    _ => "shown_event",
                };
                Ok(Code::call(helper, self.values_of_any(arguments, loops)?))
            }
            (Function::IndexOfRegex | Function::Extract, _) => {
                self.with_regex(function, arguments, loops)
            }
            (
                Function::Group | Function::FindAll | Function::ReplaceRegex | Function::SplitRegex,
                [text, Term::Literal(Literal::Text(pattern)), rest @ ..],
            ) => self.with_matches(function, text, pattern, rest, loops),
            (
                Function::Format
                | Function::Encode
                | Function::Decode
                | Function::UrlPart
                | Function::TimePart
                | Function::ReadTime,
                _,
            ) => self.with_names(function, arguments, loops),
            _ => self.query_call(function, arguments, loops),
        }
    }

    /// Each text of the event.
    fn each_text(&self, loops: &mut Loops) -> Result<Code, String> {
        self.each_of(Code::call("texts_in", vec![Code::event()]), loops)
    }

    /// Functions to which something that is no list is as an empty one.
    fn with_items(
        &self,
        function: Function,
        list: &Term,
        rest: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let helper = match (function, rest) {
            (Function::Least, []) => "least_of",
            (Function::Greatest, []) => "greatest_of",
            (Function::Item, [at]) => {
                if let Some(first) = self.first_made(list, at)? {
                    return Ok(first);
                }
                "item_at"
            }
            (Function::Position, [wanted]) if !may_be_null(wanted) => "position_of",
            _ => {
                return Err(format!(
                    "`{}` of a value that may be `null`",
                    function.name()
                ));
            }
        };
        let mut values = vec![self.items_or_value(list, loops)?];
        values.extend(self.values(rest, loops)?);
        Ok(Code::call(helper, values))
    }

    /// Functions whose further arguments are constant names or formats, which both languages read alike.
    fn with_names(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let known = |name: &str| match function {
            Function::Format => Specification::parse(name).is_some(),
            Function::Encode | Function::Decode => ENCODINGS.contains(&name),
            Function::UrlPart => URL_PARTS.contains(&name),
            Function::TimePart => TIME_PARTS.contains(&name),
            _ => Format::parse(name).is_ok(),
        };
        let names = arguments.iter().skip(1);
        let names = names.map(|name| name.as_literal().and_then(Literal::as_text));
        if !names.clone().all(|name| name.is_some_and(known)) {
            return Err(format!(
                "`{}` with a name or format that is not constant, or that Python does not know",
                function.name()
            ));
        }
        let helper = match function {
            Function::Format => "format_value",
            Function::Encode => "encode",
            Function::Decode => "decode",
            Function::UrlPart => "url_part",
            Function::TimePart => "time_part",
            _ => "read_time",
        };
        let values = self.values(arguments, loops)?;
        Ok(Code::call(helper, values))
    }

    /// Functions of the matches of a constant pattern.
    fn with_matches(
        &self,
        function: Function,
        text: &Term,
        pattern: &str,
        rest: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let groups = regex::Groups::of(pattern)
            .ok_or_else(|| format!("the regular expression `{pattern}` is not well-formed"))?;
        let named = self.regex(text, &regex::python(pattern)?, false);
        let value = self.value(text, loops)?;
        if function != Function::Group && regex::finds_nothing(pattern) {
            return Err(format!(
                "the matches of `{pattern}`, which are others to Python where it matches nothing"
            ));
        }
        match (function, rest) {
            (Function::FindAll, []) => Ok(Code::call("find_all", vec![value, named])),
            (Function::SplitRegex, []) => Ok(Code::call("split_at_matches", vec![value, named])),
            (Function::Group, [Term::Literal(Literal::Integer(group))])
                if usize::try_from(*group).is_ok_and(|group| group < groups.len()) =>
            {
                Ok(Code::call(
                    "group_of",
                    vec![value, named, Code::literal(group.to_string())],
                ))
            }
            (Function::Group, [Term::Literal(Literal::Text(name))])
                if groups.named(name).is_some() =>
            {
                Ok(Code::call("group_of", vec![value, named, Code::text(name)]))
            }
            (Function::ReplaceRegex, [Term::Literal(Literal::Text(new))]) => {
                let new = Code::raw(&regex::replacement(new, &groups));
                Ok(Code::call("replace_matches", vec![value, named, new]))
            }
            _ => Err(format!(
                "`{}` with an argument that is not constant, or a group that the pattern does not have",
                function.name()
            )),
        }
    }

    fn object(&self, arguments: &[Term], loops: &mut Loops) -> Result<Code, String> {
        let values = self.values_of_any(arguments, loops)?;
        let pairs = values.chunks_exact(2);
        let pairs = pairs.map(|pair| (pair[0].clone(), pair[1].clone()));
        let mut keys = arguments.iter().step_by(2);
        if keys.all(|key| key.as_literal().is_some_and(|key| key.as_text().is_some())) {
            let entries = pairs.map(|(key, value)| Code::entry(key, value));
            return Ok(Code::dictionary(entries.collect()));
        }
        let items = pairs.map(|(key, value)| Code::tuple(vec![key, value]));
        let items = Code::list(items.collect());
        Ok(Code::call("object_of", vec![items]))
    }

    /// A value whose keys are looked up: what the rule makes itself becomes like an event's.
    pub(super) fn looked_into(&self, term: &Term, loops: &mut Loops) -> Result<Code, String> {
        let value = self.value(term, loops)?;
        Ok(if makes_objects(term) {
            Code::call("read_only", vec![value])
        } else {
            value
        })
    }

    fn member(&self, object: &Term, key: &Term, loops: &mut Loops) -> Result<Code, String> {
        let value = self.looked_into(object, loops)?;
        if let Term::Literal(Literal::Text(key)) = key {
            return Ok(Code::call("member", vec![value, Code::text(key)]));
        }
        let key = self.value(key, loops)?;
        Ok(Code::call("member_at", vec![value, key]))
    }

    /// A walk through lists by Panther's own method; `helper` may ask whether there is a value instead.
    pub(super) fn walk(
        &self,
        helper: &'static str,
        value: &Term,
        keys: &Term,
        default: &Term,
        which: Option<&Term>,
        loops: &mut Loops,
    ) -> Result<Code, String> {
        let Term::Literal(Literal::List(keys)) = keys else {
            return Err("`walk` with keys that are not constant".to_owned());
        };
        let before = std::mem::replace(&mut loops.needs_one, true);
        let mut arguments = vec![self.value(value, loops)?];
        for key in keys {
            let key = key.as_text().ok_or("`walk` with a key that is no text")?;
            arguments.push(Code::text(key));
        }
        if !matches!(default, Term::Literal(Literal::Null)) {
            arguments.push(Code::keyword("default", self.value(default, loops)?));
        }
        loops.needs_one = before;
        if let Some(which) = which {
            match which.as_literal().and_then(Literal::as_text) {
                Some("all") => {}
                Some(which @ ("first" | "last")) => {
                    arguments.push(Code::keyword("return_val", Code::text(which)));
                }
                _ => return Err("`walk` to something else than the first, last or all".to_owned()),
            }
        }
        Ok(Code::call(helper, arguments))
    }

    /// A function that calls itself for values within the one that it is about.
    fn recurse(&self, list: &Term, item: &Term, number: &Literal) -> Result<Code, String> {
        let name: Rc<str> = format!("taken_{}", number.to_json()).into();
        let whole = match list {
            Term::Call {
                function: Function::List,
                arguments,
            } if arguments.len() == 1 => self.single(&arguments[0])?,
            other => Code::call("item_at", vec![self.single(other)?, Code::literal("0")]),
        };
        let parameter: Rc<str> = format!("part_{}", self.items.len()).into();
        let mut inner = self.clone();
        inner.items.push(parameter.clone());
        let around: Vec<Rc<str>> = ["event".into()]
            .into_iter()
            .chain(self.items.iter().cloned())
            .collect();
        let outer = (number.clone(), name.clone(), around.clone());
        inner.again.push(outer);
        inner.named.clear();
        let value = inner.single(item)?;
        let deepest = Code::compare(Code::name("level"), Sign::Greater, Code::literal("150"));
        let body = vec![
            Line::asks(1, deepest),
            Line::returns(2, Code::none()),
            Line::returns(1, value),
        ];
        let parameters = format!("{parameter}, level, {}", around.join(", "));
        let given = self.module.function(&name, &parameters, body);
        if given != name {
            return Err("two values that are taken in two ways of what is within them".to_owned());
        }
        let given = [whole, Code::literal("0")].into_iter();
        let given = given.chain(around.into_iter().map(Code::name));
        Ok(Code::call(name.to_string(), given.collect()))
    }

    fn again(&self, part: &Term, number: &Literal) -> Result<Code, String> {
        let mut around = self.again.iter().rev();
        let Some((_, name, outer)) = around.find(|(known, _, _)| known == number) else {
            return Err("what is taken again outside of where it is taken".to_owned());
        };
        let part = self.single(part)?;
        let given = [part, Code::next("level")].into_iter();
        let given = given.chain(outer.iter().cloned().map(Code::name));
        Ok(Code::call(name.to_string(), given.collect()))
    }

    fn concat(&self, arguments: &[Term], loops: &mut Loops) -> Result<Code, String> {
        let values = self.values_of_any(arguments, loops)?;
        let parts: Vec<Code> =
            values
                .iter()
                .zip(arguments)
                .map(|(value, argument)| match argument {
                    Term::Literal(Literal::Text(_))
                    | Term::Call {
                        function:
                            Function::Display
                            | Function::DisplayEvent
                            | Function::Quoted
                            | Function::Concat,
                        ..
                    } => value.clone(),
                    key if self.is_entry_key(key) => value.clone(),
                    joined if is_joined(joined) => value.clone(),
                    _ => Code::call("to_text", vec![value.clone()]),
                })
                .collect();
        if let Some(formatted) = formatted(&parts, arguments) {
            return Ok(formatted);
        }
        Ok(match parts.as_slice() {
            [] => Code::text(""),
            [one] => one.clone(),
            many => Code::text("").method("join", vec![Code::tuple(many.to_vec())]),
        })
    }

    fn coalesce(&self, arguments: &[Term], loops: &mut Loops) -> Result<Code, String> {
        if let [Term::Field(path), Term::Literal(default)] = arguments
            && let Some(text) = Self::with_default(&self.canonical(path), default)
        {
            return Ok(text);
        }
        let values = self.values_of_any(arguments, loops)?;
        Ok(Code::call("first_of", values))
    }

    fn if_missing(&self, term: &Term, default: &Term, loops: &mut Loops) -> Result<Code, String> {
        let before = std::mem::replace(&mut loops.needs_one, true);
        let text = self.first_there(term, default, loops);
        loops.needs_one = before;
        text
    }

    fn first_there(&self, term: &Term, default: &Term, loops: &mut Loops) -> Result<Code, String> {
        if !may_be_null(term) {
            let values = vec![self.value(term, loops)?, self.value(default, loops)?];
            return Ok(Code::call("first_of", values));
        }
        let (base, is_event, path) = match term {
            Term::Field(path) => (Code::event(), true, self.canonical(path)),
            Term::Item { depth, path } => {
                let (item, steps) = self.item_steps(*depth, path)?;
                let segments = steps.into();
                (Code::name(item), false, crate::ir::FieldPath { segments })
            }
            Term::Literal(_)
            | Term::Call { .. }
            | Term::Choice { .. }
            | Term::Select { .. }
            | Term::Aggregate { .. } => return self.if_there(term, default),
        };
        let Some((last, above)) = path.segments.split_last() else {
            return Ok(base);
        };
        let Segment::Key(key) = last else {
            return self.if_there(term, default);
        };
        let (key, default) = (Code::text(key), self.value(default, loops)?);
        if is_event && above.is_empty() {
            return Ok(base.method("get", vec![key, default]));
        }
        let holder = self.steps(base, is_event, above, loops)?;
        Ok(Code::call("member_or", vec![holder, key, default]))
    }

    /// The value of the term where it is there, else the default.
    fn if_there(&self, term: &Term, default: &Term) -> Result<Code, String> {
        let there = Predicate::new(term.clone(), Operator::Exists, Object::None);
        let case = Case {
            when: Condition::from(there),
            then: term.clone(),
        };
        self.chosen(&[case], &Shared::new(default.clone()))
    }

    fn with_regex(
        &self,
        function: Function,
        arguments: &[Term],
        loops: &mut Loops,
    ) -> Result<Code, String> {
        match (function, arguments) {
            (Function::IndexOfRegex, [text, Term::Literal(Literal::Text(pattern))]) => {
                let value = self.value(text, loops)?;
                if ::regex::escape(pattern) == *pattern {
                    return Ok(Code::call("find", vec![value, Code::text(pattern)]));
                }
                let name = self.regex(text, &regex::python(pattern)?, false);
                Ok(Code::call("index_of", vec![value, name]))
            }
            (
                Function::Extract,
                [
                    text,
                    Term::Literal(Literal::Text(pattern)),
                    Term::Literal(Literal::Integer(group)),
                ],
            ) if usize::try_from(*group).is_ok_and(|group| group <= regex::groups(pattern)) => {
                let name = self.regex(text, &regex::python(pattern)?, false);
                let text = self.value(text, loops)?;
                Ok(Code::call(
                    "extract",
                    vec![text, name, Code::literal(group.to_string())],
                ))
            }
            _ => Err(format!(
                "`{}` with a pattern that is not constant or a group that the pattern does not have",
                function.name()
            )),
        }
    }
}
