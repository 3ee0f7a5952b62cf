//! What stages take of the distinct texts of a list's items: the last one, those that are equal standing where the first of them is.

use std::collections::BTreeMap;

use super::counted::{is_list, item};
use super::{Column, Selected, is_taken};
use crate::ir::pipeline::{ColumnKind, Expanded, Gather, NamedTerm, RowStage, Summary};
use crate::ir::{Case, Condition, Function, Literal, Object, Operator, Predicate, Shared, Term};
use crate::verify::equal::are_equal;

/// Groups of the items, of which the one is taken that starts last.
struct Last<'s> {
    /// What is asked of an item before.
    before: &'s [RowStage],
    /// The text by which items are one group.
    by: &'s NamedTerm,
    /// The column of the list that has the text of the group.
    made: &'s str,
}

impl Selected {
    /// The column that stages make of the last of the distinct texts of a list's items; nothing where they make something else.
    pub(super) fn last_of_distinct(
        &self,
        items: &Expanded,
        list: &Term,
        stages: &[RowStage],
    ) -> Option<BTreeMap<String, Option<Column>>> {
        let taken = Last::of(items.index.as_deref()?, stages)?;
        if !is_list(list) {
            return None;
        }
        let item = item();
        let [left, _] = self.left(items, item.clone(), 1, [taken.before, &[]])?;
        let mut columns = self.columns.within(1);
        let name = &items.lists.first()?.name;
        columns.named.insert(name.clone(), Some(item));
        let text = columns.term(&taken.by.source, 0)?;
        let is_there = Predicate::new(text.clone(), Operator::IsPresent, Object::None);
        let is_there = are_equal(&is_there.into(), &Condition::TRUE);
        let text = if is_there {
            text
        } else {
            Term::call(Function::Coalesce, [text, Term::text("")])
        };
        let texts = Term::Select {
            list: Shared::new(list.clone()),
            when: Shared::new(left.clone()),
            item: Shared::new(text),
        };
        let distinct = Term::call(Function::Distinct, [texts]);
        let end = Term::Literal(Literal::Integer(-1));
        let one = Term::call(
            Function::List,
            [Term::call(Function::Item, [distinct, end])],
        );
        let value = Term::Choice {
            cases: vec![Case {
                when: Condition::some_item(list.clone(), left),
                then: one,
            }]
            .into(),
            otherwise: Shared::new(Term::Literal(Literal::List(Vec::new()))),
        };
        let column = Column {
            value,
            absent: None,
        };
        Some(BTreeMap::from([(taken.made.to_owned(), Some(column))]))
    }
}

impl<'s> Last<'s> {
    /// The groups of stages over items whose places have this name.
    fn of(index: &str, stages: &'s [RowStage]) -> Option<Self> {
        let [
            before @ ..,
            RowStage::Summarize(groups),
            RowStage::Sort(keys),
            take,
            RowStage::Summarize(listed),
        ] = stages
        else {
            return None;
        };
        let ([by], [place], [key]) = (&groups.by[..], &groups.gathered[..], keys.as_slice()) else {
            return None;
        };
        let index_of = Term::field([index]);
        let is_first = place.what == Gather::Least
            && place.of.as_ref() == Some(&index_of)
            && place.when.is_none();
        let is_last = key.descending && key.by == Term::field([place.name.as_str()]);
        let made = only_list(listed, &by.name)?;
        let is_one = groups.picked.is_empty() && by.kind == ColumnKind::Text && is_taken(take);
        let asks = |stage: &RowStage| matches!(stage, RowStage::Where(_));
        let is_plain = is_first && is_last && is_one && before.iter().all(asks);
        is_plain.then_some(Self { before, by, made })
    }
}

/// The name of the only column of one row, which lists the values of a column.
fn only_list<'s>(summary: &'s Summary, of: &str) -> Option<&'s str> {
    let [listed] = summary.gathered.as_slice() else {
        return None;
    };
    let is_list = matches!(listed.what, Gather::List { limit: 1.., .. })
        && listed.of.as_ref() == Some(&Term::field([of]))
        && listed.when.is_none();
    let is_one = summary.by.is_empty() && summary.picked.is_empty();
    (is_list && is_one).then_some(&listed.name)
}
