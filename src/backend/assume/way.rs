//! The way of a walk through lists: where the types of everything on it are known, so are the kinds of what it gives.

use crate::ir::{FieldPath, Function, Kind, Literal, Segment, Term};
use crate::schema::{FieldType, LogSourceMap};

/// The way of a walk with a list among what it goes through.
pub(in crate::backend) struct Way {
    /// The lists, the outermost first.
    pub(in crate::backend) lists: Vec<FieldPath>,
    /// What the way leads to.
    pub(in crate::backend) end: FieldPath,
    /// The type of that; that of its items for a list of plain values.
    pub(in crate::backend) kind: FieldType,
}

impl Way {
    /// The way below the keys from the event; nothing where a type is not known or no list is on it.
    pub(in crate::backend) fn below(source: &LogSourceMap, keys: &[Literal]) -> Option<Self> {
        let mut path = FieldPath::root();
        let mut lists = Vec::new();
        let mut end = None;
        for (at, key) in keys.iter().enumerate() {
            path = source.canonical(&path.exact(key.as_text()?));
            let kind = source.kind(&path);
            match (kind, at + 1 == keys.len()) {
                (FieldType::Object, false) => {}
                (FieldType::Any, false) if source.is_object(&path) => {}
                (FieldType::ObjectList, false) => {
                    lists.push(path.clone());
                    path = path.join(Segment::Each);
                }
                (FieldType::ScalarList, true) => {
                    lists.push(path.clone());
                    path = path.join(Segment::Each);
                    end = Some(source.kind(&path));
                }
                (
                    FieldType::Text
                    | FieldType::Integer
                    | FieldType::Float
                    | FieldType::Boolean
                    | FieldType::Datetime,
                    true,
                ) => end = Some(kind),
                _ => return None,
            }
        }
        Some(Self {
            kind: end.filter(|_| !lists.is_empty())?,
            lists,
            end: path,
        })
    }
}

/// A walk from the event, below constant keys.
pub(in crate::backend) struct Walk<'t> {
    /// The keys.
    pub(in crate::backend) keys: &'t [Literal],
    /// What stands for a missing value.
    pub(in crate::backend) default: &'t Literal,
    /// Whether the last of several values is meant, or all; else the first.
    pub(in crate::backend) mode: &'t str,
}

impl<'t> Walk<'t> {
    /// The walk that the term is.
    pub(in crate::backend) fn of(term: &'t Term) -> Option<Self> {
        match term {
            Term::Call {
                function: Function::Walk,
                arguments,
            } => Self::with(arguments),
            _ => None,
        }
    }

    /// The walk with these arguments.
    pub(super) fn with(arguments: &'t [Term]) -> Option<Self> {
        match arguments {
            [
                Term::Field(root),
                Term::Literal(Literal::List(keys)),
                Term::Literal(default),
                Term::Literal(Literal::Text(mode)),
            ] if root.segments.is_empty() => Some(Self {
                keys,
                default,
                mode,
            }),
            _ => None,
        }
    }
}

/// The field that every item of a walk's list is; nothing where what stands for a missing value may be a list with items.
pub(in crate::backend) fn item(source: &LogSourceMap, walk: &Term) -> Option<FieldPath> {
    let walk = Walk::of(walk)?;
    let is_filled = matches!(walk.default, Literal::List(items) if !items.is_empty());
    if is_filled {
        return None;
    }
    Way::below(source, walk.keys).map(|way| way.end)
}

/// The kinds of what a walk to texts gives: a text, several of them, or its default.
pub(super) fn kinds(source: &LogSourceMap, walk: &Term) -> Option<&'static [Kind]> {
    let walk = Walk::of(walk)?;
    let way = Way::below(source, walk.keys)?;
    if !matches!(way.kind, FieldType::Text | FieldType::Datetime) {
        return None;
    }
    Some(match (walk.mode == "all", walk.default) {
        (true, Literal::Null) => &[Kind::Null, Kind::Text, Kind::List],
        (true, Literal::Text(_) | Literal::List(_)) | (false, Literal::List(_)) => {
            &[Kind::Text, Kind::List]
        }
        (false, Literal::Null) => &[Kind::Null, Kind::Text],
        (false, Literal::Text(_)) => &[Kind::Text],
        (_, _) => return None,
    })
}
