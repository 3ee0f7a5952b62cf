//! What a walk below keys finds, where lists of known types are on its way: a column that stages make of the lists.
//!
//! A walk gives one value where it finds one, all of them where it finds several, and its default where it finds none. Which of these
//! it is depends on the row, so that the values are gathered in a set first and what is asked is asked of a column of either
//! form. Refused, by giving nothing: a way on which a type is not known, the first of the values below two lists, a default that
//! stands for what items of two lists lack.

use super::column::members;
use super::columns::named;
use super::place::Gap;
use super::quote;
use super::stage::{Items, Order, Stage};
use super::term::Scope;
use super::value::{Blank, Kind, Value};
use crate::backend::assume::{Walk, Way};
use crate::backend::fragment::Fragment;
use crate::ir::{Condition, FieldPath, Function, Literal, Object, Term};
use crate::schema::FieldType;

/// The stages that make a column of a walk, and the column.
pub(super) struct Gathered {
    pub(super) stages: Vec<Stage>,
    pub(super) value: Value,
}

/// The walks from the event that the condition asks about, each once.
pub(super) fn walks(condition: &Condition) -> Vec<&Term> {
    let mut found = Vec::new();
    in_condition(condition, &mut found);
    found
}

fn in_condition<'c>(condition: &'c Condition, found: &mut Vec<&'c Term>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| in_condition(part, found));
        }
        Condition::Not(inner) => in_condition(inner, found),
        Condition::Test(predicate) => {
            in_term(&predicate.subject, found);
            if let Object::Term(other) = &predicate.object {
                in_term(other, found);
            }
        }
        Condition::Items { list, body, .. } => {
            in_term(list, found);
            in_condition(body, found);
        }
    }
}

fn in_term<'c>(term: &'c Term, found: &mut Vec<&'c Term>) {
    let Term::Call { arguments, .. } = term else {
        return;
    };
    if Walk::of(term).is_some() && !found.contains(&term) {
        found.push(term);
    }
    arguments.iter().for_each(|part| in_term(part, found));
}

impl Scope<'_> {
    /// What stands below the keys of a walk where no list is on the way: good enough to be shown.
    pub(super) fn straight(&self, arguments: &[Term]) -> Result<Value, Gap> {
        let term = Term::call(Function::Walk, arguments.to_vec());
        let no_form = || Gap::Unreadable("a walk through lists has no form here".to_owned());
        let walk = Walk::of(&term).ok_or_else(no_form)?;
        let mut path = FieldPath::root();
        for (at, key) in walk.keys.iter().enumerate() {
            let kind = self.place.kind(&path);
            let is_list = matches!(kind, FieldType::ObjectList | FieldType::ScalarList);
            if at > 0 && is_list {
                return Err(no_form());
            }
            let key = key.as_text().ok_or_else(no_form)?;
            path = self.place.canonical(&path.exact(key));
        }
        let field = Term::Field(path);
        let value = if *walk.default == Literal::Null {
            self.try_term(&field)?
        } else {
            let default = Term::Literal(walk.default.clone());
            self.try_term(&Term::call(Function::Coalesce, [field, default]))?
        };
        Ok(Value {
            reshaped: true,
            ..value
        })
    }
}

/// A walk that is being written.
struct Walked<'w> {
    way: Way,
    default: &'w Literal,
    /// The items of the first list.
    items: Items,
    /// The stages that make the items of the last list.
    body: Vec<Stage>,
    /// What is found of such an item.
    found: String,
    fresh: &'w mut dyn FnMut(&str) -> String,
}

/// The column of a walk; `fresh` gives a name that no column has.
pub(super) fn gathered(
    scope: &Scope<'_>,
    walk: &Term,
    fresh: &mut dyn FnMut(&str) -> String,
) -> Option<Gathered> {
    let walk = Walk::of(walk)?;
    let way = scope.place.way(walk.keys)?;
    let list = scope.place.field(way.lists.first()?).ok()?;
    let list = (!list.reshaped).then(|| list.as_dynamic().fragment)?;
    let walked = Walked::new(way, &list, walk.default, fresh)?;
    match walk.mode {
        "all" => Some(walked.all()),
        mode => walked.one(mode == "last"),
    }
}

impl<'w> Walked<'w> {
    fn new(
        way: Way,
        list: &Fragment,
        default: &'w Literal,
        fresh: &'w mut dyn FnMut(&str) -> String,
    ) -> Option<Self> {
        let first = fresh("Item");
        let mut item = first.clone();
        let mut body = Vec::new();
        let below = |item: &str, list: &FieldPath, path: &FieldPath| {
            let steps = path.segments.get(list.segments.len() + 1..)?;
            Some(format!("{item}{}", members(path, steps).ok()?))
        };
        for (outer, inner) in way.lists.iter().zip(way.lists.iter().skip(1)) {
            let next = fresh("Item");
            let list = below(&item, outer, inner)?;
            body.push(Stage::Expand(format!("{next} = {list}")));
            item = next;
        }
        let found = below(&item, way.lists.last()?, &way.end)?;
        // An item without a value has the default, of which `null` and a list without items are no value.
        let found = match default {
            Literal::Null => found,
            Literal::List(items) if items.is_empty() => found,
            Literal::Text(_) if way.lists.len() == 1 && way.kind == FieldType::Text => {
                format!("iff(isnull({found}), {}, {found})", dynamic(default))
            }
            _ => return None,
        };
        Some(Self {
            way,
            default,
            items: Items::or_null(&first, None, list),
            body,
            found,
            fresh,
        })
    }

    /// Every value once: alone where it is the only one.
    fn all(mut self) -> Gathered {
        let column = (self.fresh)("Found");
        self.body
            .push(summarize(&column, &format!("make_set({})", self.found)));
        let made = format!(
            "case(array_length({column}) > 1, {column}, array_length({column}) == 1, {column}[0], {})",
            dynamic(self.default)
        );
        self.made(&made, FieldType::Any)
    }

    /// The first value, or the last of those that are told apart by where they come first.
    fn one(mut self, last: bool) -> Option<Gathered> {
        if self.way.lists.len() > 1 || (last && self.way.kind != FieldType::Text) {
            return None;
        }
        let (column, index) = ((self.fresh)("Found"), (self.fresh)("ItemIndex"));
        let found = &self.found;
        self.body
            .push(Stage::Where(Fragment::atom(format!("isnotnull({found})"))));
        let mut kept = found.clone();
        if last {
            let each = (self.fresh)("Each");
            let first_place = Fragment::atom(format!("min({index})"));
            let first_place = named(&index, &first_place);
            let by = named(&each, &Fragment::atom(format!("tostring({kept})")));
            self.body
                .push(Stage::Summarize(vec![first_place], vec![by]));
            kept = each;
        }
        let order = if last { Order::Greatest } else { Order::Least };
        self.body.push(Stage::Top(index.clone(), order));
        self.body
            .push(summarize(&column, &format!("make_list({kept})")));
        let made = format!(
            "iff(array_length({column}) == 0, {}, {column}[0])",
            dynamic(self.default)
        );
        self.items.index = Some(index);
        if self.way.kind == FieldType::Text && matches!(self.default, Literal::Text(_)) {
            let mut gathered = self.made(&format!("tostring({made})"), FieldType::Text);
            gathered.value.kind = Kind::Text;
            gathered.value.blank = Some(Blank {
                shown: "".into(),
                means: vec![Some("".into())],
            });
            return Some(gathered);
        }
        let holds = if *self.default == Literal::Null {
            self.way.kind
        } else {
            FieldType::Any
        };
        Some(self.made(&made, holds))
    }

    /// The stages, and the column that is made of what they find.
    fn made(self, made: &str, holds: FieldType) -> Gathered {
        let apply = Stage::Apply {
            items: self.items,
            body: self.body,
        };
        let column = (self.fresh)("Walked");
        let column_of = named(&column, &Fragment::atom(made));
        Gathered {
            stages: vec![apply, Stage::Extend(vec![column_of])],
            value: value(&column, holds, self.default),
        }
    }
}

/// The constant as a dynamic value, which is what lists hold; of a text as one of no known kind, since a list stands beside it.
fn dynamic(literal: &Literal) -> String {
    let json = literal.to_json().to_string();
    match literal {
        Literal::Text(_) => format!("parse_json({})", quote::text(&json)),
        _ => format!("dynamic({json})"),
    }
}

fn summarize(column: &str, aggregate: &str) -> Stage {
    Stage::Summarize(vec![named(column, &Fragment::atom(aggregate))], Vec::new())
}

/// The column's value, which is there unless the default is `null`.
fn value(column: &str, holds: FieldType, default: &Literal) -> Value {
    let mut blank = Blank::null();
    if *default != Literal::Null {
        blank.means.clear();
    }
    Value {
        holds,
        ..Value::atom(quote::name(column), Kind::Dynamic).blank(Some(blank))
    }
}
