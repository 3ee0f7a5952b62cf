//! The columns that a table makes of fields, as a file says it, and the terms that they stand for.
//!
//! Refused: a way that says nothing or several things at once, one of several ways without a `where` and a `part`, fields that
//! the file does not list, columns that the table does not have as texts or that hold a field.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Deserialize;

use super::model::{Names, Only, Scalar};
use super::values;
use crate::ir::{
    Case, CaseSensitivity, Condition, FieldPath, Function, Literal, Object, Operator, Predicate,
    Term,
};
use crate::schema::made::Made;

/// One way to make a column, or one for each kind of event.
#[derive(Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "a way to make the column or a list of ways is required"
)]
pub(in crate::schema) enum Ways {
    One(Box<Way>),
    Many(Vec<Way>),
}

impl Ways {
    fn all(&self) -> &[Way] {
        match self {
            Self::One(way) => std::slice::from_ref(way),
            Self::Many(ways) => ways,
        }
    }
}

/// A way to make a column.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::schema) struct Way {
    #[serde(default, rename = "where")]
    only: Only,
    #[serde(default)]
    part: Option<String>,
    #[serde(default)]
    last: Names,
    #[serde(default)]
    first: Names,
    #[serde(default)]
    join: Vec<FieldPath>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    entry: Option<String>,
    #[serde(default)]
    of: Option<FieldPath>,
    #[serde(default)]
    choose: Vec<Choose>,
    #[serde(default)]
    otherwise: Option<String>,
}

/// A word, and what of it holds where the column is that word.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choose {
    value: String,
    #[serde(default)]
    ends: BTreeMap<String, String>,
    #[serde(default, rename = "in")]
    one_of: BTreeMap<String, Vec<Scalar>>,
    #[serde(default)]
    missing: Option<FieldPath>,
}

/// The columns that the ways make; the error says what is wrong with which column.
pub(super) fn made(ways: &IndexMap<String, Ways>) -> Vec<Result<Made, (String, String)>> {
    let all = ways.iter().flat_map(|(column, ways)| {
        let many = matches!(ways, Ways::Many(_));
        ways.all().iter().map(move |way| {
            if many && (way.only.is_empty() || way.part.is_none()) {
                let message = "each of several ways requires `where` and `part`";
                return Err((column.clone(), message.to_owned()));
            }
            Ok(Made {
                column: column.clone(),
                part: way.part.clone(),
                only: values(&way.only),
                term: term(way).map_err(|message| (column.clone(), message))?,
            })
        })
    });
    all.collect()
}

fn term(way: &Way) -> Result<Term, String> {
    let by = || way.by.clone().ok_or("`by` is required".to_owned());
    let piece = |names: &Names, at: i64| {
        let parts = Term::call(Function::Split, [there(&names.0)?, Term::text(by()?)]);
        let at = Term::Literal(Literal::Integer(at));
        Ok(Term::call(Function::Item, [parts, at]))
    };
    let forms = [
        !way.last.0.is_empty(),
        !way.first.0.is_empty(),
        !way.join.is_empty(),
        way.entry.is_some(),
        !way.choose.is_empty(),
    ];
    match forms {
        [true, false, false, false, false] => piece(&way.last, -1),
        [false, true, false, false, false] => piece(&way.first, 0),
        [false, false, true, false, false] => {
            let by = by()?;
            let mut parts = Vec::new();
            for field in &way.join {
                if !parts.is_empty() {
                    parts.push(Term::text(by.as_str()));
                }
                parts.push(Term::Field(field.clone()));
            }
            Ok(Term::call(Function::Concat, parts))
        }
        [false, false, false, true, false] => entry(way),
        [false, false, false, false, true] => choice(way),
        _ => Err("one of `last`, `first`, `join`, `entry` and `choose` is required".to_owned()),
    }
}

/// The first of the fields that is there.
fn there(names: &[String]) -> Result<Term, String> {
    let fields = names.iter().map(|name| FieldPath::parse(name));
    let fields = fields.map(|path| path.map(Term::Field));
    let mut fields = fields.collect::<Result<Vec<Term>, _>>()?;
    Ok(match fields.len() {
        1 => fields.remove(0),
        _ => Term::call(Function::Coalesce, fields),
    })
}

/// The value behind a key in a text such as `SHA1=ab,MD5=cd`, in lower case.
fn entry(way: &Way) -> Result<Term, String> {
    let (Some(key), Some(of)) = (&way.entry, &way.of) else {
        return Err("`of` is required".to_owned());
    };
    if !key.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err("the key of an `entry` is letters and digits".to_owned());
    }
    let pattern = Term::text(format!("(?:^|,){key}=([^,]*)"));
    let group = Term::Literal(Literal::Integer(1));
    let text = Term::call(Function::Extract, [Term::Field(of.clone()), pattern, group]);
    Ok(Term::call(Function::Lower, [text]))
}

/// The word that holds, as a text that stays one value: a choice would be told apart in every question about it.
fn choice(way: &Way) -> Result<Term, String> {
    let mut cases = Vec::new();
    for choose in &way.choose {
        cases.push(Case {
            when: choose.holds()?,
            then: Term::text(choose.value.as_str()),
        });
    }
    let otherwise = Term::text(way.otherwise.clone().unwrap_or_default());
    let choice = Term::Choice {
        cases: cases.into(),
        otherwise: otherwise.into(),
    };
    Ok(Term::call(Function::Concat, [choice]))
}

impl Choose {
    /// Where the word holds: where one of what is said does.
    fn holds(&self) -> Result<Condition, String> {
        let field = |name: &String| FieldPath::parse(name).map(Term::Field);
        let mut holds = Condition::FALSE;
        for (name, end) in &self.ends {
            let end = Object::Texts(vec![end.clone()]);
            let mut ends = Predicate::new(field(name)?, Operator::EndsWith, end);
            ends.case = CaseSensitivity::Insensitive;
            holds = holds.or(ends.into());
        }
        for (name, values) in &self.one_of {
            let values = Object::List(values.iter().map(Scalar::literal).collect());
            holds = holds.or(Predicate::new(field(name)?, Operator::In, values).into());
        }
        if let Some(path) = &self.missing {
            let filled =
                Predicate::new(Term::Field(path.clone()), Operator::IsFilled, Object::None);
            holds = holds.or(Condition::from(filled).negate());
        }
        Ok(holds)
    }
}
