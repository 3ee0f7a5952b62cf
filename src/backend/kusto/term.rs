//! Terms to expressions.
//!
//! A [`Scope`] knows what can be read at a stage of the query: the fields of single events before a `summarize`, and the terms
//! that stand in a column of their own. A term that is missing in the event becomes an empty text or a typed null, as a table
//! shows it. Refused: items of a quantifier, `each` inside another term, regular expressions of another dialect.

use serde_json::Value as Json;

use super::dialect;
use super::notation::Kusto;
use super::place::{Gap, Place};
use super::quote;
use super::value::{Blank, Kind, Value, infix, strength};
use crate::analysis::{Fidelity, Report};
use crate::backend::notation::print;
use crate::eval;
use crate::ir::{Case, FieldPath, Function, Literal, Term};
use crate::schema::FieldType;

/// What can be read at a stage of the query.
#[derive(Clone, Debug)]
pub(super) struct Scope<'c> {
    pub(super) place: Place<'c>,
    /// Terms that stand in a column, with the column.
    named: Vec<(Term, Value)>,
    /// Whether the fields of single events can be read.
    rows: bool,
}

impl<'c> Scope<'c> {
    /// The stages that see single events.
    pub(super) fn rows(place: Place<'c>) -> Self {
        Self {
            place,
            named: Vec::new(),
            rows: true,
        }
    }

    /// The stages after a `summarize` or `project`, which see named columns only.
    pub(super) fn columns(place: Place<'c>) -> Self {
        Self {
            rows: false,
            ..Self::rows(place)
        }
    }

    /// From here on, the term stands in this column; what stood there before is gone.
    pub(super) fn name(&mut self, term: Term, column: &str, kind: Kind) {
        let name = quote::name(column);
        self.named.retain(|(_, value)| value.text() != name);
        self.name_too(term, column, kind);
    }

    /// The term stands in this column as well.
    pub(super) fn name_too(&mut self, term: Term, column: &str, kind: Kind) {
        let blank = match kind {
            Kind::Text | Kind::Open => Blank::text(),
            Kind::Bool | Kind::Whole | Kind::Real | Kind::Time | Kind::Dynamic => Blank::null(),
        };
        let value = Value::atom(quote::name(column), kind).blank(Some(blank));
        self.named.push((term, value));
    }

    /// The column that holds the term as it is.
    pub(super) fn column(&self, term: &Term) -> Option<String> {
        let value = match (self.lookup(term), term) {
            (Some(value), _) => value.clone(),
            (None, Term::Field(path)) if self.rows => self.place.field(path).ok()?,
            (None, _) => return None,
        };
        let text = value.text();
        quote::is_word(&text).then_some(text)
    }

    pub(super) fn lookup(&self, term: &Term) -> Option<&Value> {
        self.named
            .iter()
            .rev()
            .find(|(named, _)| named == term)
            .map(|(_, value)| value)
    }

    /// The expression for a term; the error says why there is none.
    pub(super) fn term(&self, term: &Term) -> Result<Value, String> {
        self.try_term(term).map_err(|gap| gap.reason().to_owned())
    }

    /// The expression for a term as people read it: a scalar below a JSON column is shown as a text.
    pub(super) fn shown(&self, term: &Term) -> Result<Value, String> {
        self.try_shown(term).map_err(|gap| gap.reason().to_owned())
    }

    /// The same, keeping apart what has no column.
    pub(super) fn try_shown(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        let whole = matches!(
            value.holds,
            FieldType::Object | FieldType::ObjectList | FieldType::ScalarList
        );
        let below = matches!(term, Term::Field(_)) && self.lookup(term).is_none();
        Ok(if below && value.kind == Kind::Dynamic && !whole {
            value.as_text()
        } else {
            value
        })
    }

    /// The same as [`Scope::term`], keeping apart what has no column.
    pub(super) fn try_term(&self, term: &Term) -> Result<Value, Gap> {
        if let Some(value) = self.lookup(term) {
            return Ok(value.clone());
        }
        let unreadable = |reason: String| Err(Gap::Unreadable(reason));
        match term {
            Term::Field(path) if self.rows => self.place.field(path),
            Term::Field(path) => unreadable(format!("`{path}` is not in the result any more")),
            Term::Item { .. } => unreadable("items of a list take `mv-apply`".to_owned()),
            Term::Literal(literal) => Ok(constant(literal)),
            Term::Call {
                function,
                arguments,
            } => self.call(*function, arguments),
            Term::Choice { cases, otherwise } => self.choice(cases, otherwise),
            Term::Aggregate { .. } => {
                unreadable(format!("`{term}` takes a threshold to be counted over"))
            }
        }
    }

    fn call(&self, function: Function, arguments: &[Term]) -> Result<Value, Gap> {
        let too_few = || Gap::Unreadable(format!("`{}` lacks an argument", function.name()));
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
            Function::ParseJson => Ok(self.try_term(first)?.as_dynamic()),
            Function::Member => self.member(first, second()?),
            Function::Item => self.item(first, second()?),
            Function::Split => {
                let separator = self.text(second()?)?;
                let mut parts = wrap(&format!("split({{}}, {separator})"), Kind::Dynamic)?;
                parts.holds = FieldType::ScalarList;
                Ok(parts)
            }
            Function::Substring => {
                let numbers: Result<Vec<String>, Gap> = rest
                    .iter()
                    .map(|term| Ok(self.whole(term)?.text()))
                    .collect();
                let numbers = numbers?.join(", ");
                wrap(&format!("substring({{}}, {numbers})"), Kind::Text)
            }
            Function::IndexOfRegex => {
                let pattern = regex(second()?)?;
                wrap(&format!("indexof_regex({{}}, {pattern})"), Kind::Whole)
            }
            Function::Replace => {
                let texts: Result<Vec<String>, Gap> =
                    rest.iter().map(|term| self.text(term)).collect();
                let texts = texts?.join(", ");
                wrap(&format!("replace_string({{}}, {texts})"), Kind::Text)
            }
            Function::Extract => {
                let (pattern, group) = (regex(second()?)?, rest.get(1).ok_or_else(too_few)?);
                let group = self.whole(group)?.text();
                wrap(&format!("extract({pattern}, {group}, {{}})"), Kind::Text)
            }
            Function::Add => self.arithmetic("+", first, second()?),
            Function::Subtract => self.arithmetic("-", first, second()?),
            Function::Each => Err(Gap::Unreadable(
                "one row per item takes a stage of its own".to_owned(),
            )),
        }
    }

    /// A function of a text; `call` holds `{}` where the text goes.
    fn of_text(
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
        let value = value.as_text();
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
        let mut result = Value::atom(format!("{before}{}{after}", value.text()), kind).blank(blank);
        // What is no text in the event has no such result there.
        let is_text = matches!(value.holds, FieldType::Text | FieldType::Datetime);
        if !is_text {
            result.holds = FieldType::Any;
            result.partial = true;
        }
        result.reshaped = value.reshaped || (kind != Kind::Text && !is_text);
        Ok(result)
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

    fn text(&self, term: &Term) -> Result<String, Gap> {
        Ok(self.try_term(term)?.as_text().text())
    }

    fn length(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        let list = matches!(value.holds, FieldType::ScalarList | FieldType::ObjectList);
        if list {
            Ok(value.as_dynamic().converted("array_length", Kind::Whole))
        } else if value.holds == FieldType::Object {
            let keys = value.as_dynamic().converted("bag_keys", Kind::Dynamic);
            Ok(keys.converted("array_length", Kind::Whole))
        } else {
            self.of_text("strlen({})", Function::Length, Kind::Whole, term, &[])
        }
    }

    fn concat(&self, arguments: &[Term]) -> Result<Value, Gap> {
        let parts: Result<Vec<String>, Gap> = arguments
            .iter()
            .map(|argument| Ok(self.try_term(argument)?.text()))
            .collect();
        Ok(Value::atom(
            format!("strcat({})", parts?.join(", ")),
            Kind::Text,
        ))
    }

    /// The first value that is there; `coalesce` passes over empty texts, which is what a table makes of missing ones.
    fn coalesce(&self, arguments: &[Term], keeps_null: bool) -> Result<Value, Gap> {
        let values: Result<Vec<Value>, Gap> =
            arguments.iter().map(|term| self.try_term(term)).collect();
        let mut values = values?;
        let same = values.windows(2).all(|pair| pair[0].kind == pair[1].kind);
        if !same || values.iter().any(|value| value.kind == Kind::Dynamic) {
            values = values.iter().map(Value::as_text).collect();
        }
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
        let texts: Vec<String> = values.iter().map(Value::text).collect();
        let mut value = Value::atom(format!("coalesce({})", texts.join(", ")), first.kind);
        let alike = values.iter().all(|value| value.holds == first.holds);
        value.holds = if alike { first.holds } else { FieldType::Any };
        value.partial = first.partial;
        value.reshaped = values.iter().any(|value| value.reshaped);
        Ok(value.blank(blank))
    }

    fn member(&self, object: &Term, key: &Term) -> Result<Value, Gap> {
        // A key below a field may have a column of its own.
        if let (Term::Field(path), Some(key)) =
            (object, key.as_literal().and_then(Literal::as_text))
        {
            return self.try_term(&Term::Field(path.key(key)));
        }
        let holder = self.try_term(object)?.as_dynamic().text();
        let text = match key.as_literal().and_then(Literal::as_text) {
            Some(key) => format!("{holder}{}", quote::member(key)),
            None => format!("{holder}[{}]", self.text(key)?),
        };
        Ok(Value::atom(text, Kind::Dynamic).blank(Some(Blank::null())))
    }

    fn item(&self, list: &Term, position: &Term) -> Result<Value, Gap> {
        let holder = self.try_term(list)?.as_dynamic().text();
        let text = format!("{holder}[{}]", self.whole(position)?.text());
        let mut value = Value::atom(text, Kind::Dynamic).blank(Some(Blank::null()));
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

    fn choice(&self, cases: &[Case], otherwise: &Term) -> Result<Value, Gap> {
        let mut values = vec![self.try_term(otherwise)?];
        for case in cases {
            values.push(self.try_term(&case.then)?);
        }
        let same = values.windows(2).all(|pair| pair[0].kind == pair[1].kind);
        if !same {
            values = values.iter().map(Value::as_text).collect();
        }
        let mut parts = Vec::new();
        for (case, value) in cases.iter().zip(&values[1..]) {
            parts.push(self.condition(case)?);
            parts.push(value.text());
        }
        parts.push(values[0].text());
        let name = if cases.len() == 1 { "iff" } else { "case" };
        let kind = values[0].kind;
        let mut value = Value::atom(format!("{name}({})", parts.join(", ")), kind);
        // The cases' conditions and values have blanks of their own.
        value.reshaped = true;
        Ok(value.blank(Some(Blank::text())))
    }

    /// The condition of a case. It has to be exact up to what a table cannot tell apart.
    fn condition(&self, case: &Case) -> Result<String, Gap> {
        let mut report = Report::new();
        let printed = print(&Kusto { scope: self }, &case.when, &mut report);
        printed
            .filter(|_| report.condition() < Fidelity::Unsupported)
            .map(|fragment| fragment.flat())
            .ok_or_else(|| {
                Gap::Unreadable(format!("the condition `{}` has no form here", case.when))
            })
    }
}

fn constant(literal: &Literal) -> Value {
    let kind = match literal {
        Literal::Text(_) => Kind::Text,
        Literal::Boolean(_) => Kind::Bool,
        Literal::Integer(_) => Kind::Whole,
        Literal::Float(_) => Kind::Real,
        Literal::Null | Literal::List(_) | Literal::Object(_) => Kind::Dynamic,
    };
    Value::atom(quote::literal(literal), kind)
}

fn regex(term: &Term) -> Result<String, Gap> {
    let pattern = term
        .as_literal()
        .and_then(Literal::as_text)
        .ok_or_else(|| Gap::Unreadable("the regular expression is not a constant".to_owned()))?;
    match dialect::refusal(pattern) {
        Some(reason) => Err(Gap::Unreadable(reason)),
        None => Ok(quote::regex(pattern)),
    }
}
