//! Functions of the library that Kusto computes as the rule does: their results are compared, not only shown.
//!
//! What a function of a text makes of a value that is no text is missing, and so is what one of a list makes of no list. Refused,
//! by giving nothing: what Kusto computes otherwise, such as matches of nothing, or of parts that are no constants.

use serde_json::Value as Json;

use super::function::regex;
use super::place::Gap;
use super::quote;
use super::term::Scope;
use super::url;
use super::value::{Blank, Kind, Value};
use crate::backend::fragment::Fragment;
use crate::ir::{Function, Term};
use crate::schema::FieldType;

impl Scope<'_> {
    /// The value of a call, where Kusto computes it alike.
    pub(super) fn exactly(
        &self,
        function: Function,
        arguments: &[Term],
    ) -> Option<Result<Value, Gap>> {
        let (first, rest) = arguments.split_first()?;
        if let Some(value) = url::value(self, function, arguments) {
            return Some(value);
        }
        match (function, rest) {
            (Function::Keys, []) => self.keys(first),
            (Function::Walk, _) => Some(self.try_term(&self.place.walked(arguments)?)),
            (Function::Numbered, []) => self.numbered(first),
            (Function::Join, [separator]) => self.joined(first, separator),
            (Function::Characters, []) => {
                let call = "extract_all(@\"(?s)(.)\", {})";
                Some(self.list_of_texts(call, function, first, &[]))
            }
            (Function::FindAll, [pattern]) => self.find_all(first, pattern),
            (Function::Group, [pattern, group]) => self.group(first, pattern, group),
            (Function::TrimStart | Function::TrimEnd, _) => self.trimmed(function, first, rest),
            (Function::IndexOf, [part]) => {
                let part = quote::text(part.as_literal()?.as_text()?);
                let call = format!("indexof({{}}, {part})");
                Some(self.of_text_alone(&call, function, Kind::Whole, first, rest))
            }
            (Function::PercentDecode, []) => {
                // A plus sign is a space to some decoders of URLs, and itself to the rule.
                let call = "url_decode(replace_string({}, \"+\", \"%2B\"))";
                Some(self.of_text(call, function, Kind::Text, first, rest))
            }
            _ => None,
        }
    }

    fn list_of_texts(
        &self,
        call: &str,
        function: Function,
        first: &Term,
        rest: &[Term],
    ) -> Result<Value, Gap> {
        let mut list = self.of_text_alone(call, function, Kind::Dynamic, first, rest)?;
        list.holds = FieldType::ScalarList;
        Ok(list)
    }

    /// The keys of an object; null for anything else.
    fn keys(&self, object: &Term) -> Option<Result<Value, Gap>> {
        let value = self.try_term(object).ok()?;
        if value.kind != Kind::Dynamic || value.reshaped {
            return None;
        }
        Some(Ok(Value {
            holds: FieldType::ScalarList,
            ..value
                .converted("bag_keys", Kind::Dynamic)
                .blank(Some(Blank::null()))
        }))
    }

    /// The items of a list, each in a list behind its position.
    fn numbered(&self, list: &Term) -> Option<Result<Value, Gap>> {
        let value = self.try_term(list).ok()?;
        if value.kind != Kind::Dynamic || value.reshaped {
            return None;
        }
        let list = &value.fragment;
        let call = Fragment::form("zip(range(0, array_length({}) - 1), {})", &[list, list]);
        let value = Value::of(call, Kind::Dynamic).blank(Some(Blank::null()));
        Some(Ok(value))
    }

    /// The texts of a list in one. A list of other values is left to be shown.
    fn joined(&self, list: &Term, separator: &Term) -> Option<Result<Value, Gap>> {
        let is_of_texts = matches!(
            list,
            Term::Call {
                function: Function::Split | Function::Characters,
                ..
            }
        );
        let value = self.try_term(list).ok().filter(|_| is_of_texts)?;
        if value.reshaped {
            return None;
        }
        let separator = Fragment::atom(quote::text(separator.as_literal()?.as_text()?));
        let call = Fragment::called("strcat_array", &[value.fragment, separator]);
        let blank = Blank {
            shown: "".into(),
            means: vec![None, Some("".into())],
        };
        Some(Ok(Value::of(call, Kind::Text).blank(Some(blank))))
    }

    /// Every match, or what its groups have of it.
    fn find_all(&self, text: &Term, pattern: &Term) -> Option<Result<Value, Gap>> {
        let written = pattern.as_literal()?.as_text()?;
        let groups = groups_of(written)?;
        let found = match regex(pattern) {
            Ok(_) if groups == 0 => quote::regex(&format!("({written})")),
            Ok(found) => found,
            Err(gap) => return Some(Err(gap)),
        };
        // Without a match it gives null.
        let call = format!("coalesce(extract_all({found}, {{}}), dynamic([]))");
        let rest = std::slice::from_ref(pattern);
        Some(self.list_of_texts(&call, Function::FindAll, text, rest))
    }

    /// A group of the first match; nothing without one.
    fn group(&self, text: &Term, pattern: &Term, group: &Term) -> Option<Result<Value, Gap>> {
        let written = pattern.as_literal()?.as_text()?;
        let groups = groups_of(written)?;
        let number = group
            .as_literal()
            .map(crate::ir::Literal::to_json)?
            .as_u64()?;
        if number > u64::try_from(groups).ok()? {
            return None;
        }
        let found = match regex(pattern) {
            Ok(found) => found,
            Err(gap) => return Some(Err(gap)),
        };
        let call = format!("extract({found}, {number}, {{}})");
        let rest = [pattern.clone(), group.clone()];
        let value = self.of_text(&call, Function::Group, Kind::Text, text, &rest);
        Some(value.map(|value| {
            // A group that matches nothing is shown as one that does not match.
            let mut means = vec![None];
            if number > 0 {
                means.push(Some(Json::from("")));
            }
            let shown = "".into();
            value.blank(Some(Blank { shown, means }))
        }))
    }

    /// The text without white space, or without some characters, at one end.
    fn trimmed(
        &self,
        function: Function,
        text: &Term,
        rest: &[Term],
    ) -> Option<Result<Value, Gap>> {
        let class = match rest {
            [] => "\\s".to_owned(),
            [characters] => {
                let characters = characters.as_literal()?.as_text()?;
                if characters.is_empty() || !characters.is_ascii() {
                    return None;
                }
                let plain = characters.chars().map(|c| match c {
                    c if c.is_ascii_alphanumeric() => c.to_string(),
                    c if c.is_ascii_punctuation() => format!("\\{c}"),
                    c => c.to_string(),
                });
                format!("[{}]", plain.collect::<String>())
            }
            _ => return None,
        };
        let end = if function == Function::TrimEnd {
            "end"
        } else {
            "start"
        };
        let pattern = quote::regex(&format!("{class}+"));
        let call = format!("trim_{end}({pattern}, {{}})");
        Some(self.of_text(&call, function, Kind::Text, text, rest))
    }
}

/// How many groups a regular expression has that matches no empty text.
fn groups_of(pattern: &str) -> Option<usize> {
    let pattern = crate::ir::compute::compiled(pattern, false)?;
    (!pattern.is_match("")).then(|| pattern.captures_len() - 1)
}
