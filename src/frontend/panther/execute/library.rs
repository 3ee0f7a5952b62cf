//! The functions of the standard library, and of Panther's engine, that have a meaning here.
//!
//! What keeps state or reads the clock is refused with a code of its own; anything else that is not listed is refused by name.

use rustpython_ruff_python_ast as ast;

use super::argument::Arguments;
use super::exception::Exception;
use super::value::{Data, Value};
use super::{Executor, Outcome, Stop};
use crate::diagnostic::Code;
use crate::frontend::panther::packages;
use crate::ir::{Function, Kind, Literal, Object, Operator, Term};

/// The functions of one text that are functions of the IR: what they give, and what they raise for a text that they cannot read.
fn text_function(path: &str) -> Option<(Function, Kind, Exception)> {
    Some(match path {
        "shlex.split" => (Function::ShellWords, Kind::List, Exception::VALUE),
        "urllib.parse.unquote" => (Function::PercentDecode, Kind::Text, Exception::TYPE),
        "urllib.parse.parse_qs" => (Function::QueryValues, Kind::Object, Exception::TYPE),
        _ => return None,
    })
}

/// The operator that a function of the module `operator` is.
fn operation(name: &str) -> Option<ast::Operator> {
    Some(match name {
        "add" | "concat" => ast::Operator::Add,
        "sub" => ast::Operator::Sub,
        "mul" => ast::Operator::Mult,
        "truediv" => ast::Operator::Div,
        "floordiv" => ast::Operator::FloorDiv,
        "mod" => ast::Operator::Mod,
        "and_" => ast::Operator::BitAnd,
        "or_" => ast::Operator::BitOr,
        "xor" => ast::Operator::BitXor,
        _ => return None,
    })
}

/// A function whose results are kept, which is the function; any other decorator with arguments.
fn cached<'m>(path: &str, arguments: Arguments<'m>) -> Value<'m> {
    match arguments.positional.into_iter().next() {
        Some(function @ Value::Callable(_)) => function,
        _ => Value::External(format!("{path}()").into()),
    }
}

/// What `logging.getLogger()` gives; what it is told leaves no trace.
const LOGGER: &str = "logging.getLogger()";

impl<'m> Executor<'m> {
    /// A call of a function by its full name.
    pub(super) fn library(&mut self, path: &str, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        match path.strip_prefix("operator.").and_then(operation) {
            Some(op) => self.operator_function(path, op, arguments),
            None => self.of_library(path, arguments),
        }
    }

    fn of_library(&mut self, path: &str, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        if let Some(result) = self.time_function(path, &arguments) {
            return result;
        }
        self.require_pure(path)?;
        if super::unbound::is_unbound(path) {
            return self.unbound(path, arguments);
        }
        if let Some((function, kind, exception)) = text_function(path) {
            return match arguments.positional.as_slice() {
                [text] if arguments.keywords.is_empty() => {
                    self.text_function(function, kind, text.clone(), exception)
                }
                _ => self.refuse(format!("`{path}()` requires one text here")),
            };
        }
        let (module, name) = path.rsplit_once('.').unwrap_or(("", path));
        match (module, name) {
            ("re", "compile" | "match" | "search" | "fullmatch" | "findall" | "sub" | "split") => {
                self.regex_function(name, arguments)
            }
            ("re", "escape") => match arguments.positional.first().and_then(Value::as_text) {
                Some(text) => Ok(Value::text(regex::escape(text))),
                None => self.refuse("`re.escape()` requires a known text"),
            },
            ("fnmatch", "fnmatch" | "fnmatchcase") => match arguments.positional.as_slice() {
                [text, pattern] => self.file_pattern(text.clone(), pattern.clone()),
                _ => self.refuse(format!("`{path}()` requires a text and a pattern")),
            },
            ("ipaddress", _) if name.to_lowercase().starts_with("ip") => {
                self.address_or_network(name, &arguments)
            }
            ("urllib.parse", "urlparse") => self.url(&arguments),
            ("difflib", "SequenceMatcher") => self.matcher(&arguments),
            ("json", "loads") => self.json(arguments),
            ("json", "dumps") => self.json_text(arguments),
            ("panther_core", "PantherEvent") => self.panther_event(arguments),
            // Its order is that of any dictionary; two of them are compared as dictionaries are.
            ("collections", "OrderedDict") if arguments.only(0..=1) => {
                self.builtin("dict", arguments)
            }
            ("collections", "namedtuple") => self.named_tuple(&arguments),
            ("functools", "lru_cache" | "cache") if arguments.only(1..=1) => {
                Ok(cached(path, arguments))
            }
            ("functools", "lru_cache" | "wraps") => Ok(Value::External(format!("{path}()").into())),
            ("base64", "b64decode") => self.base64(arguments),
            ("functools", "reduce") => self.reduce(arguments),
            ("math", "isfinite") => self.is_finite(arguments),
            ("logging", "getLogger") => Ok(Value::External(LOGGER.into())),
            ("logging" | LOGGER, _) | ("object", "__init__") => Ok(Value::NONE),
            _ if Exception::named(path).is_some() => Ok(Value::External(path.into())),
            _ if super::module::is_standard(path) => self.refuse(format!("`{path}()` is not read")),
            _ => self.no_module(path),
        }
    }

    /// A function that is an operator of two values.
    fn operator_function(
        &mut self,
        path: &str,
        op: ast::Operator,
        arguments: Arguments<'m>,
    ) -> Outcome<Value<'m>> {
        match <[Value<'m>; 2]>::try_from(arguments.positional) {
            Ok([left, right]) if arguments.keywords.is_empty() => self.operate(op, left, right),
            _ => self.refuse(format!("`{path}()` requires two values")),
        }
    }

    /// That the module of a function is nowhere.
    fn no_module<T>(&self, path: &str) -> Outcome<T> {
        let message = match packages::missing(path) {
            Some(reason) => format!("`{path}()` {reason}"),
            None => format!(
                "the module of `{path}()` must stand beside the rule or in a `global_helpers` folder above it"
            ),
        };
        let refusal = self.refusal(Code::PythonUnsupported, message);
        Err(match refusal {
            Stop::Refused(problem) => Stop::Refused(Box::new(
                problem.help("name the folder that holds the module with `--helpers DIR`"),
            )),
            other @ Stop::Dead => other,
        })
    }

    /// `json.loads(text)`.
    fn json(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(text) = arguments.get(0, "s") else {
            return self.raise(Exception::TYPE);
        };
        let text = self.require_text(text)?;
        self.each(text, &mut |this, text| match text {
            Value::Data(data) => {
                let term = Term::call(Function::ParseJson, [data.term]);
                let read = this.implied(term.clone(), Operator::Exists, Object::None);
                this.raise_if(read.negate(), Exception::JSON)?;
                Ok(Value::Data(Data {
                    term,
                    kind: None,
                    plain: true,
                }))
            }
            Value::Constant(literal) => {
                let parsed = literal
                    .as_text()
                    .map(serde_json::from_str::<serde_json::Value>);
                match parsed {
                    Some(Ok(value)) => Ok(this.json_value(&value)),
                    _ => this.raise(Exception::JSON),
                }
            }
            other => this.refuse(format!(
                "`json.loads()` of {} cannot be expressed",
                other.type_name()
            )),
        })
    }

    /// `json.dumps(value, ensure_ascii=False, separators=(",", ":"))`: the text form of anything but a text.
    fn json_text(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let separators = arguments
            .keyword("separators")
            .and_then(|value| value.as_literal());
        let compact =
            separators == Some(Literal::List(vec![Literal::text(","), Literal::text(":")]));
        let unescaped = matches!(
            arguments.keyword("ensure_ascii"),
            Some(Value::Constant(Literal::Boolean(false)))
        );
        let Some(value) = arguments.get(0, "obj").filter(|_| compact && unescaped) else {
            return self.refuse(
                "`json.dumps()` requires `ensure_ascii=False` and `separators=(\",\", \":\")`",
            );
        };
        self.each(value, &mut |this, value| {
            let Value::Data(data) = value else {
                return this.refuse("`json.dumps()` is read for event data only");
            };
            let text = this.known(this.is_kind(&data, &[Kind::Text]));
            if text.as_constant() != Some(false) {
                return this.refuse("`json.dumps()` requires a value that is not a text");
            }
            let missing = this.known(this.is_present(&data)).negate();
            let shown = Term::call(Function::ToText, [data.term]);
            Ok(Value::choose(
                vec![(missing, Value::text("null"))],
                Value::computed(shown, Kind::Text),
            ))
        })
    }

    /// `math.isfinite(number)`; a number that is too large for JSON is none.
    fn is_finite(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let value = arguments.get(0, "x").unwrap_or(Value::NONE);
        self.each(value, &mut |this, value| match value {
            Value::Data(data) if matches!(data.kind, Some(Kind::Number | Kind::Integer)) => {
                let number = Object::Kinds(vec![Kind::Number]);
                Ok(Value::truth(this.implied(
                    data.term,
                    Operator::IsKind,
                    number,
                )))
            }
            Value::Constant(Literal::Integer(_)) => Ok(Value::Constant(Literal::Boolean(true))),
            _ => this.refuse("`math.isfinite()` requires a number"),
        })
    }

    /// `PantherEvent(dictionary)`: its values are read like parts of the event.
    fn panther_event(&mut self, arguments: Arguments<'m>) -> Outcome<Value<'m>> {
        let Some(Value::Mapping(mapping)) = arguments.get(0, "event") else {
            return self.refuse("`PantherEvent()` requires a dictionary whose keys are known");
        };
        self.require_keys(&mapping)?;
        let mut entries = Vec::new();
        for (key, value) in mapping.entries.iter() {
            let value = self.each(value.clone(), &mut |_, value| match value {
                Value::Data(data) => Ok(Value::Data(Data {
                    plain: false,
                    ..data
                })),
                other => Ok(other),
            })?;
            entries.push((key.clone(), value));
        }
        Ok(self.mapping(entries))
    }

    /// A constant JSON value as Python's own lists and dictionaries.
    pub(super) fn json_value(&mut self, value: &serde_json::Value) -> Value<'m> {
        match value {
            serde_json::Value::Array(items) => {
                let items = items.iter().map(|item| self.json_value(item)).collect();
                self.sequence(super::SequenceKind::List, items)
            }
            serde_json::Value::Object(map) => {
                let mut entries = Vec::new();
                for (key, value) in map {
                    entries.push((Literal::text(key), self.json_value(value)));
                }
                self.mapping(entries)
            }
            scalar => Value::Constant(Literal::from_json(scalar)),
        }
    }
}
