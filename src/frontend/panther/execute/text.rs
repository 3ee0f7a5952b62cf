//! Methods of texts, constant ones and those of the event.
//!
//! A method of texts that are all known is computed; any other is a function of the IR of the same meaning. Both are one table:
//! the functions are computed by the code that the evaluator uses. Refused: methods that depend on tables of their own
//! (`translate`), and arguments that the function does not take.

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{SequenceKind, Value};
use super::{Executor, Outcome, term};
use crate::ir::compute::{compiled, compute};
use crate::ir::{Function, Kind, Literal, Object, Operator, Term};

/// The methods that only texts have (and `count` and `index`, which lists have too).
pub(super) const METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "count",
    "encode",
    "endswith",
    "find",
    "format",
    "index",
    "isdecimal",
    "isalnum",
    "isalpha",
    "isascii",
    "isdigit",
    "islower",
    "isprintable",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

/// The regular expression of the texts for which a question about all characters is answered with yes.
fn character_class(name: &str) -> Option<&'static str> {
    Some(match name {
        "isalnum" => r"\A[\p{L}\p{N}]+\z",
        "isalpha" => r"\A\p{L}+\z",
        "isascii" => r"\A[\x00-\x7f]*\z",
        "isdecimal" => r"\A\p{Nd}+\z",
        // What is printable was settled with the characters of Unicode 14.
        "isprintable" => r"\A(?:[^\p{C}\p{Z}\P{Age:14.0}]| )*\z",
        "isspace" => r"\A[\s\x1c-\x1f]+\z",
        "islower" => r"\A[^\p{Uppercase}\p{Lt}]*\p{Lowercase}[^\p{Uppercase}\p{Lt}]*\z",
        "isupper" => r"\A[^\p{Lowercase}\p{Lt}]*\p{Uppercase}[^\p{Lowercase}\p{Lt}]*\z",
        "isdigit" => concat!(
            r"\A[\p{Nd}\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c",
            r"\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U00010a40-\U00010a43",
            r"\U00010e60-\U00010e68\U00011052-\U0001105a\U0001f100-\U0001f10a]+\z"
        ),
        _ => return None,
    })
}

impl<'m> Executor<'m> {
    /// A method of a text.
    pub(super) fn text_method(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match name {
            "startswith" | "endswith" => return self.affix(receiver, name, arguments),
            "encode" => return self.encoded(receiver, &arguments),
            "join" => return self.join(receiver, arguments),
            "format" => return self.format(receiver, &arguments),
            "split" | "rsplit" => return self.split_text(receiver, name, &arguments),
            _ => {}
        }
        if !arguments.keywords.is_empty() {
            return self.refuse(format!("`.{name}()` with these arguments is not read"));
        }
        if let Some(pattern) = character_class(name) {
            return self.characters_are(receiver, pattern);
        }
        let positional = arguments.positional;
        self.each_combination(positional, Vec::new(), &mut |this, values| {
            this.plain_method(receiver, name, &values)
        })
    }

    /// Does the operation on every combination of what the values can be.
    fn each_combination(
        &mut self,
        mut rest: Vec<Value<'m>>,
        done: Vec<Value<'m>>,
        operation: &mut dyn FnMut(&mut Self, Vec<Value<'m>>) -> Outcome<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        if rest.is_empty() {
            return operation(self, done);
        }
        let first = rest.remove(0);
        self.each(first, &mut |this, value| {
            let mut done = done.clone();
            done.push(value);
            this.each_combination(rest.clone(), done, operation)
        })
    }

    fn characters_are(&mut self, receiver: &Value<'m>, pattern: &str) -> Outcome<Value<'m>> {
        Ok(match receiver {
            Value::Constant(Literal::Text(text)) => {
                let found = compiled(pattern, false).is_some_and(|regex| regex.is_match(text));
                Value::Constant(Literal::Boolean(found))
            }
            Value::Data(data) => {
                let pattern = Object::Texts(vec![pattern.to_owned()]);
                Value::truth(self.test(data.term.clone(), Operator::Matches, pattern))
            }
            _ => return self.refuse("the characters of this text are not known"),
        })
    }

    /// A method whose arguments are no choices.
    fn plain_method(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        values: &[Value<'m>],
    ) -> Outcome<Value<'m>> {
        let text = |function| (function, Kind::Text);
        let without = values.is_empty() || matches!(values, [Value::Constant(Literal::Null)]);
        let (function, kind) = match (name, values) {
            ("lower", []) => text(Function::Lower),
            ("upper", []) => text(Function::Upper),
            ("title", []) => text(Function::TitleCase),
            ("capitalize", []) => text(Function::Capitalize),
            ("casefold", []) => text(Function::CaseFold),
            ("swapcase", []) => text(Function::SwapCase),
            ("strip", _) if without => text(Function::Trim),
            ("lstrip", _) if without => text(Function::TrimStart),
            ("rstrip", _) if without => text(Function::TrimEnd),
            ("lstrip", [_]) => text(Function::TrimStart),
            ("rstrip", [_]) => text(Function::TrimEnd),
            ("replace", [_, _]) => text(Function::Replace),
            ("find", [_]) => (Function::IndexOf, Kind::Integer),
            ("rfind", [_]) => (Function::LastIndexOf, Kind::Integer),
            ("count", [_]) => (Function::CountOf, Kind::Integer),
            ("splitlines", []) => (Function::Lines, Kind::List),
            _ => return self.composed_method(receiver, name, values),
        };
        let mut arguments = vec![receiver.clone()];
        if !without {
            for value in values {
                arguments.push(self.require_text(value.clone())?);
            }
        }
        self.of_texts(function, kind, arguments)
    }

    /// A method that is more than one function.
    fn composed_method(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        values: &[Value<'m>],
    ) -> Outcome<Value<'m>> {
        match (name, values) {
            ("strip", [characters]) => {
                let characters = self.require_text(characters.clone())?;
                let arguments = vec![receiver.clone(), characters.clone()];
                let start = self.of_texts(Function::TrimStart, Kind::Text, arguments)?;
                self.of_texts(Function::TrimEnd, Kind::Text, vec![start, characters])
            }
            ("index" | "rindex", [part]) => self.place_of(receiver, name, part.clone()),
            ("partition" | "rpartition", [part]) => {
                self.partition(receiver, name == "rpartition", part.clone())
            }
            ("removeprefix" | "removesuffix", [part]) => {
                self.without_affix(receiver, name == "removesuffix", part)
            }
            ("ljust" | "rjust", [width]) => self.padded(receiver, name, width, &Value::text(" ")),
            ("ljust" | "rjust", [width, fill]) => self.padded(receiver, name, width, fill),
            _ => {
                let count = values.len();
                self.refuse(format!(
                    "`.{name}()` with {count} arguments cannot be expressed here"
                ))
            }
        }
    }

    /// The function of texts that are known, or of terms.
    pub(super) fn of_texts(
        &mut self,
        function: Function,
        kind: Kind,
        arguments: Vec<Value<'m>>,
    ) -> Outcome<Value<'m>> {
        self.spend(1)?;
        let literals: Option<Vec<Literal>> = arguments
            .iter()
            .map(|value| match value {
                Value::Constant(literal) => Some(literal.clone()),
                _ => None,
            })
            .collect();
        if let Some(literals) = literals {
            return self.computed_constant(function, &literals);
        }
        let terms: Option<Vec<Term>> = arguments.iter().map(term::term_of).collect();
        match terms {
            Some(terms) => Ok(Value::computed(Term::call(function, terms), kind)),
            None => self.refuse(format!("`{}` cannot be expressed here", function.name())),
        }
    }

    fn computed_constant(
        &mut self,
        function: Function,
        literals: &[Literal],
    ) -> Outcome<Value<'m>> {
        let length: usize = literals
            .iter()
            .filter_map(Literal::as_text)
            .map(|text| text.len() + 1)
            .try_fold(1_usize, |product, length| {
                let product = if function == Function::Replace {
                    product.saturating_mul(length)
                } else {
                    product.saturating_add(length)
                };
                Some(product)
            })
            .unwrap_or(usize::MAX);
        self.spend(length / 64)?;
        if function == Function::Replace
            && length / (1 + literals[1].as_text().map_or(0, str::len)) > super::TEXT
        {
            return self.refuse("a text must be shorter than this");
        }
        let values: Vec<serde_json::Value> = literals.iter().map(Literal::to_json).collect();
        let values: Vec<&serde_json::Value> = values.iter().collect();
        match compute(function, &values) {
            Some(value) => Ok(self.json_value(&value)),
            None => self.refuse(format!(
                "`{}` of these cannot be expressed",
                function.name()
            )),
        }
    }

    /// `.index(part)`.
    fn place_of(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        part: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let part = self.require_text(part)?;
        let held = self.compare_texts(receiver, Operator::Contains, &part);
        self.raise_if(held.negate(), Exception::VALUE)?;
        let function = if name == "index" {
            Function::IndexOf
        } else {
            Function::LastIndexOf
        };
        self.of_texts(function, Kind::Integer, vec![receiver.clone(), part])
    }

    /// `.split` and `.rsplit`.
    fn split_text(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        arguments: &Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        let times = match arguments.get(1, "maxsplit") {
            None => -1,
            Some(times) => match times.as_integer() {
                Some(times) => times.max(-1),
                None => return self.refuse("how often a text is split must be known"),
            },
        };
        let separator = arguments.get(0, "sep").unwrap_or(Value::NONE);
        self.each(separator, &mut |this, separator| {
            let Value::Data(data) = &separator else {
                return this.split_by(receiver, name, times, separator);
            };
            this.either(
                this.is_present(data),
                |this| this.split_by(receiver, name, times, separator.clone()),
                |this| this.split_by(receiver, name, times, Value::NONE),
            )
        })
    }

    /// The parts between the separators; between white space where that is `None`.
    fn split_by(
        &mut self,
        receiver: &Value<'m>,
        name: &str,
        times: i64,
        separator: Value<'m>,
    ) -> Outcome<Value<'m>> {
        self.each(separator, &mut |this, separator| {
            if matches!(separator, Value::Constant(Literal::Null)) {
                if times != -1 {
                    return this.refuse("a bounded split at white space cannot be expressed");
                }
                return this.of_texts(Function::Words, Kind::List, vec![receiver.clone()]);
            }
            let separator = this.require_text(separator)?;
            let empty = this.truth(&separator)?.negate();
            this.raise_if(empty, Exception::VALUE)?;
            // Separators of one character never overlap: from either end the parts are the same.
            let single = separator
                .as_text()
                .is_some_and(|text| text.chars().count() == 1);
            let arguments = vec![receiver.clone(), separator];
            if times == -1 && (name == "split" || single) {
                return this.of_texts(Function::Split, Kind::List, arguments);
            }
            let function = if name == "split" {
                Function::SplitFirst
            } else {
                Function::SplitLast
            };
            let times = Value::Constant(Literal::Integer(times));
            let arguments = [arguments, vec![times]].concat();
            this.of_texts(function, Kind::List, arguments)
        })
    }

    /// `.partition(separator)`: what is before, the separator, what is after.
    fn partition(
        &mut self,
        receiver: &Value<'m>,
        last: bool,
        separator: Value<'m>,
    ) -> Outcome<Value<'m>> {
        let separator = self.require_text(separator)?;
        let empty = self.truth(&separator)?.negate();
        self.raise_if(empty, Exception::VALUE)?;
        let held = self.compare_texts(receiver, Operator::Contains, &separator);
        let function = if last {
            Function::SplitLast
        } else {
            Function::SplitFirst
        };
        let once = Value::Constant(Literal::Integer(1));
        let parts = vec![receiver.clone(), separator.clone(), once];
        let parts = self.of_texts(function, Kind::List, parts)?;
        let part = |this: &mut Self, at: i64| match &parts {
            Value::Data(data) => Ok(Value::computed(
                super::predicate::item(&data.term, at),
                Kind::Text,
            )),
            known => {
                let at = Value::Constant(Literal::Integer(at));
                this.index(known.clone(), at)
            }
        };
        let (first, second) = (part(self, 0)?, part(self, -1)?);
        let empty = Value::text("");
        let or_empty = |value: Value<'m>| Value::choose(vec![(held.clone(), value)], empty.clone());
        // Without a separator the only part is both the first and the last one.
        let items = if last {
            vec![or_empty(first), or_empty(separator), second]
        } else {
            vec![first, or_empty(separator), or_empty(second)]
        };
        Ok(self.sequence(SequenceKind::Tuple, items))
    }

    /// `.removeprefix` and `.removesuffix`.
    fn without_affix(
        &mut self,
        receiver: &Value<'m>,
        suffix: bool,
        part: &Value<'m>,
    ) -> Outcome<Value<'m>> {
        let Some(part) = part.as_text() else {
            return self.refuse("what is removed from a text must be known");
        };
        let operator = if suffix {
            Operator::EndsWith
        } else {
            Operator::StartsWith
        };
        if part.is_empty() {
            return Ok(receiver.clone());
        }
        let held = self.compare_texts(receiver, operator, &Value::text(part));
        let length = i64::try_from(part.chars().count()).unwrap_or(i64::MAX);
        let shorter = if suffix {
            self.slice(receiver, None, Some(-length))?
        } else {
            self.slice(receiver, Some(length), None)?
        };
        Ok(Value::choose(vec![(held, shorter)], receiver.clone()))
    }

    /// `separator.join(texts)`.
    fn join(&mut self, separator: &Value<'m>, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(texts) = arguments.positional.into_iter().next() else {
            return self.raise(Exception::TYPE);
        };
        let texts = self.iterable(texts)?;
        self.each(texts, &mut |this, texts| {
            let items = this.parts(texts)?;
            this.settle(&items)?;
            let Some(items) = super::parts::known(&items) else {
                return this.join_list(separator, &items);
            };
            let mut parts = Vec::new();
            for (at, item) in items.into_iter().enumerate() {
                if at > 0 {
                    parts.push(separator.clone());
                }
                parts.push(this.require_text(item)?);
            }
            this.concatenate(parts)
        })
    }

    /// Texts of a list whose length depends on the event, with the separator between them.
    fn join_list(
        &mut self,
        separator: &Value<'m>,
        items: &super::value::Parts<'m>,
    ) -> Outcome<Value<'m>> {
        let texts = self.mapped(items, false, &mut |this, item| {
            let text = this.require_text(item)?;
            Ok(vec![super::parts::one(crate::ir::Condition::TRUE, text)])
        })?;
        let list = super::term::list_term(SequenceKind::List, &texts);
        match (list, super::term::term_of(separator)) {
            (Some(list), Some(separator)) => {
                let joined = Term::call(Function::Join, [list, separator]);
                Ok(Value::computed(joined, Kind::Text))
            }
            _ => self.refuse("these texts cannot be put together"),
        }
    }

    /// The value, raising where it is not a text.
    pub(super) fn require_text(&mut self, value: Value<'m>) -> Outcome<Value<'m>> {
        self.each(value, &mut |this, value| match value {
            Value::Constant(Literal::Text(_)) => Ok(value),
            Value::Data(data) => {
                let text = this.is_kind(&data, &[Kind::Text]);
                this.raise_if(text.negate(), Exception::TYPE)?;
                Ok(Value::computed(data.term, Kind::Text))
            }
            Value::Constant(_) | Value::Truth(_) | Value::Sequence(_) | Value::Mapping(_) => {
                this.raise(Exception::TYPE)
            }
            other => this.refuse(format!("{} cannot be used as a text", other.type_name())),
        })
    }
}
