//! The query of a URL and the values of its names, to be shown: `extract` where Python takes the URL apart.
//!
//! The query stands between the first `?` and the `#`; a value ends before the next `&`, and an empty one is none. Python refuses
//! a malformed URL and reads names that are spelt in escapes, which no expression here does, so that the values are not compared.

use super::place::Gap;
use super::quote;
use super::term::Scope;
use super::value::{Blank, Kind, Value};
use crate::ir::{Function, Literal, Term};
use crate::schema::FieldType;

/// Why a value is not always the rule's.
pub(super) const MALFORMED: &str =
    "a malformed URL is read as far as it goes, and a name that is spelt in escapes is another one";

/// The value of a call that reads the query of a URL; nothing where the call is another one.
pub(super) fn value(
    scope: &Scope<'_>,
    function: Function,
    arguments: &[Term],
) -> Option<Result<Value, Gap>> {
    match (function, arguments) {
        (Function::UrlPart, [url, part]) if part.as_literal()?.as_text()? == "query" => {
            Some(query(scope, url))
        }
        (Function::Member | Function::MemberExact, [values, name]) => {
            let (pattern, query) = named(values, name)?;
            Some(scope.try_term(query).map(|query| {
                let call = format!("extract_all({pattern}, {})", query.as_text().text());
                Value {
                    holds: FieldType::ScalarList,
                    ..shown(call, Kind::Dynamic, Blank::null())
                }
            }))
        }
        (Function::Item, [list, position])
            if position.as_literal() == Some(&Literal::Integer(0)) =>
        {
            let Term::Call {
                function: Function::Member | Function::MemberExact,
                arguments,
            } = list
            else {
                return None;
            };
            let [values, name] = arguments.as_ref() else {
                return None;
            };
            let (pattern, query) = named(values, name)?;
            Some(scope.try_term(query).map(|query| {
                let found = format!("extract({pattern}, 1, {})", query.as_text().text());
                // A plus is a space; Kusto's function does not say what it makes of one.
                let decoded = format!("url_decode(replace_string({found}, \"+\", \" \"))");
                shown(decoded, Kind::Text, Blank::text())
            }))
        }
        _ => None,
    }
}

fn query(scope: &Scope<'_>, url: &Term) -> Result<Value, Gap> {
    let pattern = quote::regex(r"^[^?#]*\?([^#]*)");
    let url = scope.try_term(url)?.as_text().text();
    let call = format!("extract({pattern}, 1, {url})");
    Ok(shown(call, Kind::Text, Blank::text()))
}

/// The expression that finds the values of a name of a query, and the query.
fn named<'t>(values: &'t Term, name: &Term) -> Option<(String, &'t Term)> {
    let Term::Call {
        function: Function::QueryValues,
        arguments,
    } = values
    else {
        return None;
    };
    let name = name.as_literal()?.as_text()?;
    let pattern = format!("(?:^|&){}=([^&]+)", regex::escape(name));
    Some((quote::regex(&pattern), arguments.first()?))
}

/// A value that is good enough to be shown.
fn shown(text: String, kind: Kind, blank: Blank) -> Value {
    Value {
        holds: FieldType::Text,
        reshaped: true,
        ..Value::atom(text, kind).blank(Some(blank))
    }
}
