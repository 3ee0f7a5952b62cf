//! Calls of the IR's functions: of a helper of the library where there is one, else of the evaluator's own text.

use super::layout::Argument;
use super::quote;
use super::runtime;
use super::scope::{Key, Scope};
use crate::ir::{Function, Literal, SharedVec, Term, uncommon_function};

/// The longest text that stands among the arguments of a call.
const LONGEST: usize = 60;

/// How a call is written.
enum Call {
    /// With a helper that makes a value.
    Made(&'static str),
    /// With a helper that gives a part of its argument.
    Part(&'static str),
    /// With the evaluator's text.
    Own,
    /// As its argument: one result row per item is to a condition the list itself.
    Argument,
}

impl Scope<'_> {
    pub(super) fn call(
        &self,
        key: Key,
        function: Function,
        arguments: &SharedVec<Term>,
        stem: &str,
    ) -> Result<String, String> {
        match function {
            Function::Recurse => return self.recurse(key, arguments, stem),
            Function::Again => return self.again(key, arguments, stem),
            Function::ScanTime => {
                self.module.asks_time();
                let name = self.free("now");
                let line = format!("    let {name} = scan_time.map(Value::from);");
                return Ok(self.add(key, name, line, true));
            }
            _ => {}
        }
        match form(function, arguments) {
            Call::Argument => {
                let argument = arguments.first().ok_or("`each` takes one argument")?;
                self.plain(argument)
            }
            Call::Made(helper) => {
                let written = self.arguments(function, arguments)?;
                Ok(self.bind(key, stem, helper, &written, true))
            }
            Call::Part(helper) => {
                let [of, step] = arguments.as_slice() else {
                    return Err(format!("`{}` takes two arguments", function.name()));
                };
                let step = match step {
                    Term::Literal(Literal::Integer(index)) => index.to_string(),
                    step => self.plain(step)?,
                };
                let written = [Argument::Text(self.held(of)?), Argument::Text(step)];
                Ok(self.bind(key, stem, helper, &written, false))
            }
            Call::Own if runtime::has(function) => {
                let written = arguments.iter().map(|argument| self.given(argument));
                let written = [Argument::List(written.collect::<Result<_, _>>()?)];
                let called = format!("functions::{}", function.name());
                self.module.calls(function);
                Ok(self.bind(key, stem, &called, &written, true))
            }
            Call::Own => Err(format!("the function `{}`", function.name())),
        }
    }

    /// An argument among others in a list: a constant text stands where it is used.
    fn given(&self, argument: &Term) -> Result<String, String> {
        match argument {
            Term::Literal(Literal::Text(text)) if text.chars().count() <= LONGEST => {
                Ok(format!("Some(&{})", quote::value(&text.as_str().into())))
            }
            _ => self.plain(argument),
        }
    }

    /// The arguments of a helper.
    fn arguments(
        &self,
        function: Function,
        arguments: &SharedVec<Term>,
    ) -> Result<Vec<Argument>, String> {
        let mut written = Vec::new();
        let text = |text: String| Argument::Text(text);
        match (function, arguments.as_slice()) {
            (
                Function::IndexOfRegex | Function::Extract,
                [of, Term::Literal(Literal::Text(pattern)), rest @ ..],
            ) => {
                let name = self.pattern(of, pattern)?;
                written.extend([text(self.plain(of)?), text(format!("&{name}"))]);
                if let [Term::Literal(Literal::Integer(group))] = rest {
                    written.push(text(group.to_string()));
                }
            }
            (Function::Concat | Function::Coalesce, arguments) => {
                let items = arguments.iter().map(|argument| self.given(argument));
                written.push(Argument::List(items.collect::<Result<_, _>>()?));
            }
            (_, arguments) => {
                for argument in arguments {
                    written.push(text(self.plain(argument)?));
                }
                if function == Function::Substring && arguments.len() == 2 {
                    written.push(text("None".to_owned()));
                }
            }
        }
        Ok(written)
    }
}

/// How a call of the function with these arguments is written.
fn form(function: Function, arguments: &[Term]) -> Call {
    let is_text = |at: usize| matches!(arguments.get(at), Some(Term::Literal(Literal::Text(_))));
    let whole = |at: usize| match arguments.get(at) {
        Some(Term::Literal(Literal::Integer(whole))) => Some(*whole),
        _ => None,
    };
    match function {
        Function::Lower => Call::Made("lower"),
        Function::Upper => Call::Made("upper"),
        Function::Length => Call::Made("length"),
        Function::Concat => Call::Made("concat"),
        Function::ToText => Call::Made("to_text"),
        Function::ToNumber => Call::Made("to_number"),
        Function::Coalesce => Call::Made("coalesce"),
        Function::IfMissing => Call::Made("if_missing"),
        Function::ParseJson => Call::Made("parse_json"),
        Function::Split => Call::Made("split"),
        Function::Substring => Call::Made("substring"),
        Function::Replace => Call::Made("replace"),
        Function::IndexOfRegex if is_text(1) => Call::Made("index_of"),
        Function::Extract if is_text(1) && whole(2).is_some_and(|group| group >= 0) => {
            Call::Made("extract")
        }
        Function::Member => Call::Part("member"),
        Function::MemberExact => Call::Part("member_exact"),
        Function::Item if whole(1).is_some() => Call::Part("item_at"),
        Function::Each => Call::Argument,
        Function::Trim
        | Function::IndexOfRegex
        | Function::Extract
        | Function::Item
        | Function::Add
        | Function::Subtract
        | uncommon_function!() => Call::Own,
    }
}
