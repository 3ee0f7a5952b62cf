//! Values as Python words them, to be shown: literals, numbers with separators, words, objects of entries, what walks find.
//!
//! What Python writes otherwise than Kusto for some values is good enough to be shown and not to be compared; [`super::loss`] says
//! which values these are. Refused: specifications of formats that Kusto has no function for.

use super::place::Gap;
use super::term::Scope;
use super::value::{Blank, Kind, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Function, Literal, Term};
use crate::schema::FieldType;

/// Whether the function is one of these.
pub(super) fn says(function: Function) -> bool {
    matches!(
        function,
        Function::Quoted
            | Function::Format
            | Function::Words
            | Function::FromEntries
            | Function::Walk
    )
}

impl Scope<'_> {
    /// What Kusto writes of such a value.
    pub(super) fn worded(&self, function: Function, arguments: &[Term]) -> Result<Value, Gap> {
        match (function, arguments) {
            (Function::Quoted, [term]) => self.quoted(term),
            (Function::FromEntries, [entries]) => self.entries(entries),
            (Function::Walk, _) => self.straight(arguments),
            (Function::Format, [term, specification]) => self.formatted(term, specification),
            (Function::Words, [text]) => {
                let call = "coalesce(extract_all(@\"(\\S+)\", {}), dynamic([]))";
                let mut words =
                    self.of_text_alone(call, Function::Words, Kind::Dynamic, text, &[])?;
                words.holds = FieldType::ScalarList;
                Ok(words)
            }
            _ => Err(Gap::Unreadable(format!(
                "`{}` has no counterpart yet",
                function.name()
            ))),
        }
    }

    /// A text between quotes; `None` where there is none.
    fn quoted(&self, term: &Term) -> Result<Value, Gap> {
        let value = self.try_term(term)?;
        let is_text = matches!(
            value.holds,
            FieldType::Text | FieldType::Datetime | FieldType::Any
        );
        if !is_text {
            return self.call(Function::Display, std::slice::from_ref(term));
        }
        let value = value.as_text();
        let quoted = value
            .fragment
            .clone()
            .flat_call("strcat(\"'\", ", ", \"'\")");
        let may_be_missing = value.blank.as_ref().is_some_and(|blank| blank.shown == "");
        let call = if may_be_missing {
            let call = "iff(isempty({}), \"None\", {})";
            Fragment::form(call, &[&value.fragment, &quoted])
        } else {
            quoted
        };
        Ok(Value {
            reshaped: true,
            ..Value::of(call, Kind::Text)
        })
    }

    /// A number as a format specification has it.
    fn formatted(&self, term: &Term, specification: &Term) -> Result<Value, Gap> {
        let specification = specification.as_literal().and_then(Literal::as_text);
        let value = self.try_term(term)?;
        let is_number = matches!(value.holds, FieldType::Integer | FieldType::Any);
        if specification != Some(",") || !is_number {
            let reason = "a value is shown in a format that has no function here";
            return Err(Gap::Unreadable(reason.to_owned()));
        }
        let number = match value.kind {
            Kind::Whole => value.fragment,
            _ => value.converted("tolong", Kind::Whole).fragment,
        };
        // Three digits at a time from the end.
        let groups = number.flat_call(
            "replace_regex(reverse(tostring(",
            ")), @\"(\\d{3})\", @\"\\1,\")",
        );
        let call = groups.flat_call(
            "replace_string(trim_start(\",\", reverse(",
            ")), \"-,\", \"-\")",
        );
        Ok(Value {
            reshaped: true,
            ..Value::of(call, Kind::Text).blank(Some(Blank::text()))
        })
    }
}
