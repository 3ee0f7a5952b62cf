//! Functions of texts, of JSON in texts, and conversions.

use super::super::text::{as_text, require_regex};
use super::super::value::{Constant, Kind, Lowered, Scalar, Value};
use super::{Called, apply};
use crate::ir::{
    Aggregate, CaseSensitivity, Function, Kind as IrKind, Literal, Object, Operator, Predicate,
    Segment, Term,
};
use crate::schema::FieldType;
use crate::syntax::kql::ast::{ExpressionKind, ScalarType};

impl Called<'_, '_> {
    /// The value, if the function is one of these.
    pub(super) fn text(&self) -> Option<Lowered<Value>> {
        Some(match self.name {
            "tostring" => self
                .value(0)
                .and_then(|value| as_text(value, true, self.range)),
            "tolower" => self.of_text(Function::Lower),
            "toupper" => self.of_text(Function::Upper),
            "strlen" => self
                .text_at(0)
                .and_then(|text| apply(Function::Length, vec![text], Kind::Number, self.range)),
            "strcat" => self.concat(None),
            "strcat_delim" => self
                .constant_text(0)
                .and_then(|delimiter| self.concat(Some(&delimiter))),
            "substring" => self.substring(),
            "split" => self.split(),
            "indexof" => self.index_of(false),
            "indexof_regex" => self.index_of(true),
            "extract" => self.extract(),
            "replace_string" => self.replace(false),
            "replace" | "replace_regex" => self.replace(true),
            "trim" => self.trim(),
            "parse_json" | "parsejson" | "todynamic" | "toobject" => self.parse_json(),
            "extractjson" | "extract_json" => self.extract_json(),
            "toint" | "tolong" | "todouble" | "toreal" | "todecimal" => self.number(),
            "tobool" | "toboolean" => self.boolean(),
            "array_length" | "arraylength" => self.count_of(),
            "pack_array" => self.pack_array(),
            _ => return None,
        })
    }

    fn of_text(&self, function: Function) -> Lowered<Value> {
        apply(function, vec![self.text_at(0)?], Kind::Text, self.range)
    }

    fn concat(&self, delimiter: Option<&str>) -> Lowered<Value> {
        let mut parts = Vec::new();
        for at in usize::from(delimiter.is_some())..self.count() {
            if let Some(delimiter) = delimiter.filter(|_| !parts.is_empty()) {
                parts.push(Value::text(delimiter));
            }
            parts.push(self.value(at)?);
        }
        // The text forms are what the function joins: a value that is no text needs no conversion of its own.
        let parts = parts.into_iter().map(|part| match part {
            Value::Scalar(mut scalar)
                if !matches!(scalar.kind, Kind::Text | Kind::Moment | Kind::Span) =>
            {
                scalar.absent = Literal::text(super::super::fold::text_of(&scalar.absent));
                Ok(Value::Scalar(scalar))
            }
            Value::Scalar(Scalar {
                kind: Kind::Text, ..
            }) => Ok(part),
            other => as_text(other, false, self.range),
        });
        let parts = parts.collect::<Lowered<Vec<_>>>()?;
        // A choice among the parts stays one term: the alternatives of several would multiply.
        let parts = parts.into_iter().map(|part| match part {
            choice @ Value::Choice(..) => Ok(Value::Scalar(Scalar::new(
                choice.into_term(self.range)?,
                Kind::Text,
            ))),
            other => Ok(other),
        });
        apply(
            Function::Concat,
            parts.collect::<Lowered<_>>()?,
            Kind::Text,
            self.range,
        )
    }

    fn substring(&self) -> Lowered<Value> {
        let mut arguments = vec![self.text_at(0)?];
        for at in 1..self.count().min(3) {
            let value = self.value(at)?;
            if value.as_integer().is_some_and(|value| value < 0) {
                return self.obstacle("a negative position has no counterpart");
            }
            arguments.push(value);
        }
        if arguments.len() < 2 {
            self.expression(1)?;
        }
        apply(Function::Substring, arguments, Kind::Text, self.range)
    }

    fn split(&self) -> Lowered<Value> {
        let (text, separator) = (self.text_at(0)?, self.constant_text(1)?);
        if separator.is_empty() {
            return self.obstacle("an empty separator has no counterpart");
        }
        if self.count() > 2 {
            return self.obstacle(
                "`split` with an index returns a list of one part, which has no counterpart",
            );
        }
        apply(
            Function::Split,
            vec![text, Value::text(separator)],
            Kind::Dynamic,
            self.range,
        )
    }

    fn index_of(&self, regex: bool) -> Lowered<Value> {
        if self.count() > 2 {
            return self.obstacle(format!(
                "`{}` with a start position has no counterpart",
                self.name
            ));
        }
        let (text, wanted) = (self.text_at(0)?, self.constant_text(1)?);
        let pattern = if regex {
            wanted
        } else {
            regex::escape(&wanted)
        };
        require_regex(&pattern, CaseSensitivity::Sensitive, self.range)?;
        apply(
            Function::IndexOfRegex,
            vec![text, Value::text(pattern)],
            Kind::Number,
            self.range,
        )
    }

    fn extract(&self) -> Lowered<Value> {
        let pattern = self.constant_text(0)?;
        require_regex(&pattern, CaseSensitivity::Sensitive, self.range)?;
        let Some(group) = self.value(1)?.as_integer() else {
            return self.obstacle("the group of `extract` must be a constant number");
        };
        let arguments = vec![
            self.text_at(2)?,
            Value::text(pattern),
            Value::Constant(Constant::of(Literal::Integer(group))),
        ];
        let found = apply(Function::Extract, arguments, Kind::Text, self.range)?;
        match self
            .call
            .arguments
            .get(3)
            .map(|argument| &argument.value.kind)
        {
            None | Some(ExpressionKind::TypeOf(ScalarType::String)) => Ok(found),
            Some(_) => self.obstacle("`extract` to this type has no counterpart"),
        }
    }

    fn replace(&self, regex: bool) -> Lowered<Value> {
        let (text, wanted) = if regex {
            (self.text_at(2)?, self.constant_text(0)?)
        } else {
            (self.text_at(0)?, self.constant_text(1)?)
        };
        let by = self.constant_text(if regex { 1 } else { 2 })?;
        let wanted = if regex {
            unescaped(&wanted)
        } else {
            Some(wanted)
        };
        match wanted {
            Some(wanted) if !wanted.is_empty() && (!regex || !by.contains(['\\', '$'])) => apply(
                Function::Replace,
                vec![text, Value::text(wanted), Value::text(by)],
                Kind::Text,
                self.range,
            ),
            _ => self.obstacle("only a plain text is replaced in the IR"),
        }
    }

    fn trim(&self) -> Lowered<Value> {
        let (pattern, text) = (self.constant_text(0)?, self.text_at(1)?);
        if !matches!(
            pattern.as_str(),
            r"\s+" | r"\s*" | r"[\s]+" | r"[\s]*" | r"(\s+)"
        ) {
            return self.obstacle("only white space is trimmed in the IR");
        }
        apply(Function::Trim, vec![text], Kind::Text, self.range)
    }

    fn parse_json(&self) -> Lowered<Value> {
        self.parsed(self.value(0)?)
    }

    /// Whether the term is a column of texts that the query takes apart.
    fn is_text_taken_apart(&self, term: &Term) -> bool {
        let (Some(table), Term::Field(path)) = (&self.place.columns.table, term) else {
            return false;
        };
        let [Segment::Key(name)] = &*path.segments else {
            return false;
        };
        table.dynamic.contains(name) && table.kind(name) == Some(ScalarType::String)
    }

    fn parsed(&self, value: Value) -> Lowered<Value> {
        match value {
            // A text that is read is one, whatever becomes of the name later.
            Value::Scalar(scalar) if self.is_text_taken_apart(&scalar.term) => {
                let parsed = Term::call(Function::ParseJson, [scalar.term]);
                Ok(Value::Scalar(Scalar::new(parsed, Kind::Dynamic)))
            }
            Value::Scalar(scalar) if scalar.kind == Kind::Dynamic => Ok(Value::Scalar(scalar)),
            Value::Scalar(scalar) if matches!(scalar.kind, Kind::Text | Kind::Unknown) => {
                let inner = super::super::value::without_text(scalar.term);
                let holds_json = inner
                    .as_field()
                    .is_some_and(|path| self.place.columns.is_json(path));
                if holds_json {
                    let field = self.place.columns.field_type(&inner);
                    return Ok(Value::Scalar(Scalar {
                        field,
                        ..Scalar::new(inner, Kind::Dynamic)
                    }));
                }
                Ok(Value::Scalar(Scalar::new(
                    Term::call(Function::ParseJson, [inner]),
                    Kind::Dynamic,
                )))
            }
            Value::Constant(constant) => {
                let parsed = super::super::fold::call(Function::ParseJson, &[constant.literal]);
                Ok(Value::Constant(Constant::new(
                    Kind::Dynamic,
                    parsed.unwrap_or(Literal::Null),
                )))
            }
            Value::Choice(cases, otherwise) => {
                let cases = cases
                    .into_iter()
                    .map(|(when, then)| Ok((when, self.parsed(then)?)));
                Ok(Value::Choice(
                    cases.collect::<Lowered<_>>()?,
                    Box::new(self.parsed(*otherwise)?),
                ))
            }
            _ => self.obstacle("this value holds no JSON"),
        }
    }

    /// `extractjson("$.a.b", text)`, for plain paths.
    fn extract_json(&self) -> Lowered<Value> {
        let path = self.constant_text(0)?;
        let keys = path
            .strip_prefix("$.")
            .filter(|keys| !keys.contains(['[', ']', '*', '?', '(', '"', '\'']));
        let Some(keys) = keys else {
            return self.obstacle("only a plain path is followed in the IR");
        };
        let mut value = self.parsed(self.value(1)?)?;
        for key in keys.split('.') {
            value = self.place.step(value, Literal::text(key), self.range)?;
        }
        as_text(value, true, self.range)
    }

    /// A number that is one already, or that a text spells; any other value is read as its type says.
    fn number(&self) -> Lowered<Value> {
        let function = match self.name {
            "toint" => Function::ShortNumber,
            "tolong" => Function::WholeNumber,
            _ => Function::RealNumber,
        };
        match self.value(0)? {
            Value::Scalar(scalar)
                if scalar.kind == Kind::Number
                    && scalar.field == FieldType::Integer
                    && self.name != "toint" =>
            {
                Ok(Value::Scalar(scalar))
            }
            Value::Scalar(scalar)
                if matches!(scalar.kind, Kind::Text | Kind::Unknown)
                    && [Literal::Null, Literal::text("")].contains(&scalar.absent)
                    && self.name != "todecimal" =>
            {
                let number = Term::call(function, [scalar.term]);
                Ok(Value::Scalar(Scalar::new(number, Kind::Number)))
            }
            _ => self.obstacle("a number is read as its type says"),
        }
    }

    fn boolean(&self) -> Lowered<Value> {
        let value = self.value(0)?;
        match &value {
            Value::Scalar(scalar)
                if scalar.kind == Kind::Dynamic && scalar.field == FieldType::Boolean => {}
            Value::Truth(_) => {}
            _ => {
                let text = as_text(value, true, self.range)?;
                let is = |texts: &[String]| {
                    let question = super::super::text::TextTest::Equals;
                    super::super::text::test(
                        text.clone(),
                        question,
                        texts,
                        CaseSensitivity::Insensitive,
                        self.range,
                    )
                };
                let holds = is(&["true".to_owned(), "1".to_owned()])?.holds;
                let fails = is(&["false".to_owned(), "0".to_owned()])?.holds;
                return Ok(Value::Truth(super::super::value::Truth::partial(
                    holds, fails,
                )));
            }
        }
        super::super::expression::as_truth(value, self.range).map(Value::Truth)
    }

    /// The number of items of a list, or of the keys of an object where `bag_keys` asks for them.
    fn count_of(&self) -> Lowered<Value> {
        let expression = self.expression(0)?;
        match expression.as_call() {
            Some(call) if call.function.text == "bag_keys" => {
                let Some(object) = call.arguments.first() else {
                    return self.obstacle("`bag_keys` requires an argument");
                };
                match self.place.value(&object.value)? {
                    Value::Scalar(scalar) if scalar.kind == Kind::Dynamic => {
                        Ok(counted(scalar, IrKind::Object))
                    }
                    _ => self.obstacle("only an object of the event has keys"),
                }
            }
            _ => self.array_length(self.place.value(expression)?),
        }
    }

    fn array_length(&self, list: Value) -> Lowered<Value> {
        match list {
            Value::Scalar(scalar) if matches!(scalar.kind, Kind::Dynamic | Kind::Unknown) => {
                Ok(items_of(scalar))
            }
            Value::Constant(Constant {
                literal: Literal::List(items),
                ..
            }) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                Ok(Value::Constant(Constant::of(Literal::Integer(length))))
            }
            _ => self.obstacle("only a list has a number of items"),
        }
    }

    /// A list, where all items are constants.
    fn pack_array(&self) -> Lowered<Value> {
        let items: Option<Vec<Literal>> = self
            .values()?
            .iter()
            .map(|value| value.as_constant().map(|constant| constant.literal.clone()))
            .collect();
        match items {
            Some(items) => Ok(Value::Constant(Constant::new(
                Kind::Dynamic,
                Literal::List(items),
            ))),
            None => self.obstacle("a list of computed values has no counterpart"),
        }
    }
}

/// The number of items of a list; null for anything else.
fn items_of(list: Scalar) -> Value {
    let always = matches!(
        &list.term,
        Term::Call {
            function: Function::Split,
            ..
        } | Term::Aggregate {
            aggregate: Aggregate::MakeSet | Aggregate::MakeList,
            ..
        }
    );
    if always || matches!(list.field, FieldType::ScalarList | FieldType::ObjectList) {
        let length = Term::call(Function::Length, [list.term]);
        return Value::Scalar(Scalar::new(length, Kind::Number));
    }
    counted(list, IrKind::List)
}

/// The length of a value of one kind; null for values of other kinds, whose length the IR would count as well.
fn counted(value: Scalar, kind: IrKind) -> Value {
    let length = Scalar::new(
        Term::call(Function::Length, [value.term.clone()]),
        Kind::Number,
    );
    let of_kind = Predicate::new(value.term, Operator::IsKind, Object::Kinds(vec![kind]));
    let null = Value::Constant(Constant::new(Kind::Number, Literal::Null));
    Value::Choice(
        vec![(of_kind.implied().into(), Value::Scalar(length))],
        Box::new(null),
    )
}

/// The text that a regular expression without any operator matches.
fn unescaped(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next().filter(|c| !c.is_alphanumeric())?),
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return None;
            }
            c => text.push(c),
        }
    }
    Some(text)
}
