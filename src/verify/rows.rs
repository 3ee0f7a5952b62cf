//! A pipeline that hands on each event as one row or leaves it out: which events it selects, and what its columns are of them.
//!
//! Every stage is said of the event that a row was made of. Sound: what cannot be said so is no column that anything may be asked
//! of, and a stage that makes several rows of an event, or one of several, makes the whole unsaid.

mod counted;
mod distinct;

use std::collections::BTreeMap;

use super::equal::{are_equal, one_has};
use crate::ir::pipeline::{Expanded, NamedTerm, RowSource, RowStage};
use crate::ir::{
    Case, Condition, FieldPath, Function, Kind, Literal, Object, Operator, Pipeline, Predicate,
    Rule, Segment, Shared, Term,
};

/// The events that a pipeline selects, and its columns.
pub(super) struct Selected {
    /// Which events.
    pub(super) condition: Condition,
    columns: Columns,
}

/// A column as a term over the event.
#[derive(Clone)]
struct Column {
    value: Term,
    /// What stands for no value; nothing where the value is handed on as it is.
    absent: Option<Literal>,
}

/// The columns by their names; nothing for one that no term says.
#[derive(Clone, Default)]
struct Columns {
    named: BTreeMap<String, Option<Column>>,
    /// Whether every other key of the event is a column.
    rest: bool,
}

/// The selection of a rule: that of its rows where it is about rows.
pub(super) fn selection(rule: &Rule) -> Condition {
    let rows = rule.pipeline.as_ref().filter(|_| rule.is_about_rows());
    let selected = rows.and_then(selected);
    selected.map_or_else(|| rule.selection.clone(), |selected| selected.condition)
}

/// The events that the pipeline selects, one row for each; nothing where it is about something else.
pub(super) fn selected(pipeline: &Pipeline) -> Option<Selected> {
    let RowSource::Events {
        selection,
        columns,
        rest,
        ..
    } = &pipeline.source
    else {
        return None;
    };
    if !pipeline.given.is_empty() {
        return None;
    }
    let mut selected = Selected {
        condition: selection.clone(),
        columns: Columns {
            named: BTreeMap::new(),
            rest: true,
        },
    };
    let made = selected.columns.made(columns);
    selected.columns.named.extend(made);
    selected.columns.rest = *rest;
    for stage in &pipeline.stages {
        selected.stage(stage)?;
    }
    Some(selected)
}

impl Selected {
    /// A term over the rows as one over the event.
    pub(super) fn term(&self, term: &Term) -> Option<Term> {
        self.columns.term(term, 0)
    }

    fn stage(&mut self, stage: &RowStage) -> Option<()> {
        match stage {
            RowStage::Apply { items, body } => {
                let exists = self.applied(items, body)?;
                let condition = std::mem::replace(&mut self.condition, Condition::TRUE);
                self.condition = condition.and(exists);
                Some(())
            }
            other => {
                let kept = self.columns.stage(other)?;
                let condition = std::mem::replace(&mut self.condition, Condition::TRUE);
                self.condition = condition.and(kept);
                Some(())
            }
        }
    }

    /// Whether the stages leave one of the rows that the items of a list are, and one at most; what they make of it is not said.
    fn applied(&mut self, items: &Expanded, body: &Pipeline) -> Option<Condition> {
        let [listed] = items.lists.as_slice() else {
            return None;
        };
        let is_plain = items.limit.is_none() && !items.pairs && body.given.is_empty();
        if !is_plain || !matches!(body.source, RowSource::Input) {
            return None;
        }
        let list = self.columns.term(&listed.list, 0)?;
        let exists = if let Some(at) = body.stages.iter().rposition(is_one) {
            // All items together are one row, be there none; a list without items has no row at all.
            let is_kept = body.stages[at + 1..].iter().all(makes_columns);
            (is_kept && has_items(&list)).then_some(Condition::TRUE)?
        } else {
            let at = body.stages.iter().position(is_taken)?;
            self.item(items, &list, &body.stages[..at], &body.stages[at + 1..])?
        };
        let made = body.stages.iter().flat_map(named);
        let names = made
            .chain(std::iter::once(&listed.name))
            .chain(&items.index);
        let is_new = |name: &&String| {
            let is_item = **name == listed.name || items.index.as_ref() == Some(*name);
            is_item || !self.columns.named.contains_key(*name)
        };
        let names: Vec<String> = names.filter(is_new).cloned().collect();
        let counted = self.counted(items, &list, &body.stages);
        let mut made = counted.or_else(|| self.last_of_distinct(items, &list, &body.stages));
        for name in names {
            let column = made.as_mut().and_then(|columns| columns.remove(&name));
            self.columns.named.insert(name, column.flatten());
        }
        Some(exists)
    }

    /// Whether stages leave a row of one item: some that others leave, or the first or last of these. A list has its items, `null`
    /// and what is missing is one, and so is any other value that is no object.
    fn item(
        &self,
        items: &Expanded,
        list: &Term,
        before: &[RowStage],
        after: &[RowStage],
    ) -> Option<Condition> {
        let end = match after {
            [] => None,
            _ => Some(end(items, before)?),
        };
        let item = Column {
            value: Term::Item {
                depth: 0,
                path: FieldPath::root(),
            },
            absent: None,
        };
        let alone = Column {
            value: list.clone(),
            absent: Some(Literal::Null),
        };
        let left = self.left(items, item, 1, [before, after])?;
        let [alone, asked] = self.left(items, alone, 0, [before, after])?;
        let is = |kind| {
            let kinds = Object::Kinds(vec![kind]);
            Condition::from(Predicate::new(list.clone(), Operator::IsKind, kinds))
        };
        let one = |list: Term| taken(list, left.clone(), end);
        let (is_list, is_object) = (is(Kind::List), is(Kind::Object));
        let entries = one(Term::call(Function::Spread, [list.clone()]));
        let single = is_list.negate().and(is_object.clone().negate());
        let single = single.and(alone).and(asked);
        let of_list = one(list.clone());
        Some(of_list.or(single).or(is_object.and(entries)))
    }

    /// What the stages before and after a place ask of an item.
    fn left(
        &self,
        items: &Expanded,
        item: Column,
        depth: usize,
        stages: [&[RowStage]; 2],
    ) -> Option<[Condition; 2]> {
        let mut columns = self.columns.within(depth);
        let name = &items.lists.first()?.name;
        columns.named.insert(name.clone(), Some(item));
        if let Some(index) = &items.index {
            columns.named.insert(index.clone(), None);
        }
        let mut asked = |stages: &[RowStage]| {
            let mut kept = stages.iter().map(|stage| columns.stage(stage));
            kept.try_fold(Condition::TRUE, |all, kept| Some(all.and(kept?)))
        };
        let [before, after] = stages;
        Some([asked(before)?, asked(after)?])
    }
}

/// Whether the stage makes one row of all.
fn is_one(stage: &RowStage) -> bool {
    matches!(stage, RowStage::Summarize(summary) if summary.by.is_empty())
}

fn is_taken(stage: &RowStage) -> bool {
    *stage == RowStage::Take(Term::Literal(Literal::Integer(1)))
}

/// Whether the first (0) or last (-1) item that something is left of has the other, or any item both.
fn taken(list: Term, [left, asked]: [Condition; 2], end: Option<i64>) -> Condition {
    let Some(end) = end else {
        return Condition::some_item(list, left.and(asked));
    };
    one_has(Shared::new(list), Shared::new(left), end, asked)
}

/// Whether the first row that the stages leave is the first (0) or the last (-1) of them in the list.
fn end(items: &Expanded, stages: &[RowStage]) -> Option<i64> {
    let (RowStage::Sort(keys), before) = stages.split_last()? else {
        return None;
    };
    let [key] = keys.as_slice() else {
        return None;
    };
    let index = items.index.as_ref()?;
    let is_kept = |stage: &RowStage| matches!(stage, RowStage::Where(_));
    let is_index = key.by == Term::field([index.as_str()]) && before.iter().all(is_kept);
    is_index.then_some(if key.descending { -1 } else { 0 })
}

impl Columns {
    /// What a stage asks of a row that it hands on, the columns being those behind it.
    fn stage(&mut self, stage: &RowStage) -> Option<Condition> {
        match stage {
            RowStage::Where(condition) => return self.condition(condition, 0),
            RowStage::Sort(_) => {}
            RowStage::Extend(columns) => {
                let made = self.made(columns);
                self.named.extend(made);
            }
            RowStage::Project(columns) => {
                self.named = self.made(columns);
                self.rest = false;
            }
            RowStage::Without(names) => {
                for name in names {
                    self.named.insert(name.clone(), None);
                }
            }
            RowStage::Number(columns) => {
                for column in columns {
                    self.named.insert(column.name.clone(), None);
                }
            }
            _ => return None,
        }
        Some(Condition::TRUE)
    }

    fn made(&self, columns: &[NamedTerm]) -> BTreeMap<String, Option<Column>> {
        let made = columns.iter().map(|column| {
            let value = self.term(&column.source, 0).map(|value| Column {
                value,
                absent: Some(column.kind.absent()),
            });
            (column.name.clone(), value)
        });
        made.collect()
    }

    /// The columns as they are so many quantifiers further in.
    fn within(&self, depth: usize) -> Self {
        let named = self.named.iter().map(|(name, column)| {
            let column = column.as_ref().map(|column| Column {
                value: column.value.within_lists(depth),
                absent: column.absent.clone(),
            });
            (name.clone(), column)
        });
        Self {
            named: named.collect(),
            rest: self.rest,
        }
    }

    /// The value below a path of a row, so many quantifiers in.
    fn field(&self, path: &FieldPath, depth: usize) -> Option<Term> {
        // A column may hold all of the event.
        if path.segments.is_empty() && self.rest && self.named.is_empty() {
            return Some(Term::Field(path.clone()));
        }
        let (Segment::Key(name) | Segment::Exact(name), steps) = path.segments.split_first()?
        else {
            return None;
        };
        let Some(column) = self.named.get(name) else {
            return self.rest.then(|| Term::Field(path.clone()));
        };
        let column = column.as_ref()?;
        let value = column.value.within_lists(depth);
        if steps.is_empty() {
            return Some(match &column.absent {
                Some(absent) => {
                    Term::call(Function::Coalesce, [value, Term::Literal(absent.clone())])
                }
                None => value,
            });
        }
        steps.iter().try_fold(value, |value, step| {
            Some(match (value, step) {
                (Term::Field(path), step) => Term::Field(path.join(step.clone())),
                (Term::Item { depth, path }, step) => Term::Item {
                    depth,
                    path: path.join(step.clone()),
                },
                (value, Segment::Key(key)) => {
                    Term::call(Function::Member, [value, Term::text(key)])
                }
                (value, Segment::Exact(key)) => {
                    Term::call(Function::MemberExact, [value, Term::text(key)])
                }
                (value, Segment::Index(at)) => Term::call(
                    Function::Item,
                    [value, Term::Literal(Literal::Integer(*at))],
                ),
                (_, Segment::Each) => return None,
            })
        })
    }

    fn condition(&self, condition: &Condition, depth: usize) -> Option<Condition> {
        Some(match condition {
            Condition::All(parts) => parts.iter().try_fold(Condition::TRUE, |all, part| {
                Some(all.and(self.condition(part, depth)?))
            })?,
            Condition::Any(parts) => parts.iter().try_fold(Condition::FALSE, |any, part| {
                Some(any.or(self.condition(part, depth)?))
            })?,
            Condition::Not(inner) => self.condition(inner, depth)?.negate(),
            Condition::Test(predicate) => Predicate {
                subject: self.term(&predicate.subject, depth)?,
                object: match &predicate.object {
                    Object::Term(term) => Object::Term(self.term(term, depth)?.into()),
                    other => other.clone(),
                },
                ..predicate.as_ref().clone()
            }
            .into(),
            Condition::Items {
                quantifier,
                list,
                body,
            } => Condition::Items {
                quantifier: *quantifier,
                list: Shared::new(self.term(list, depth)?),
                body: Shared::new(self.condition(body, depth + 1)?),
            },
        })
    }

    fn term(&self, term: &Term, depth: usize) -> Option<Term> {
        Some(match term {
            Term::Field(path) => self.field(path, depth)?,
            Term::Item { .. } | Term::Literal(_) => term.clone(),
            Term::Call {
                function,
                arguments,
            } => {
                let arguments = arguments.iter().map(|term| self.term(term, depth));
                let arguments: Option<Vec<Term>> = arguments.collect();
                Term::call(*function, arguments?)
            }
            Term::Choice { cases, otherwise } => {
                let cases = cases.iter().map(|case| {
                    Some(Case {
                        when: self.condition(&case.when, depth)?,
                        then: self.term(&case.then, depth)?,
                    })
                });
                let cases: Option<Vec<Case>> = cases.collect();
                Term::Choice {
                    cases: cases?.into(),
                    otherwise: Shared::new(self.term(otherwise, depth)?),
                }
            }
            Term::Select { list, when, item } => Term::Select {
                list: Shared::new(self.term(list, depth)?),
                when: Shared::new(self.condition(when, depth + 1)?),
                item: Shared::new(self.term(item, depth + 1)?),
            },
            Term::Aggregate { .. } => return None,
        })
    }
}

/// Whether the stage hands on every row, and each once.
fn makes_columns(stage: &RowStage) -> bool {
    matches!(
        stage,
        RowStage::Extend(_)
            | RowStage::Project(_)
            | RowStage::Without(_)
            | RowStage::Sort(_)
            | RowStage::Number(_)
    )
}

/// The columns that a stage makes.
fn named(stage: &RowStage) -> Vec<&String> {
    match stage {
        RowStage::Extend(columns) | RowStage::Project(columns) => {
            columns.iter().map(|column| &column.name).collect()
        }
        RowStage::Number(columns) => columns.iter().map(|column| &column.name).collect(),
        RowStage::Summarize(summary) => {
            let gathered = summary.gathered.iter().map(|gathered| &gathered.name);
            let picked = summary.picked.iter().flat_map(|picked| {
                let by = picked.by.iter().map(|by| &by.name);
                by.chain(picked.columns.iter().map(|column| &column.name))
            });
            gathered.chain(picked).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the value is no list and no object without items, whatever the row.
fn has_items(list: &Term) -> bool {
    let kinds = Object::Kinds(vec![Kind::List, Kind::Object]);
    let is_list = Condition::from(Predicate::new(list.clone(), Operator::IsKind, kinds));
    let is_filled = Predicate::new(list.clone(), Operator::IsTruthy, Object::None);
    are_equal(&is_list.negate().or(is_filled.into()), &Condition::TRUE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Artifact;
    use crate::schema::Crosswalk;
    use crate::verify::{back, view};

    fn read(query: &str) -> Rule {
        let artifact = Artifact {
            path: "rule.kql".into(),
            text: format!("{query}\n"),
        };
        let mut rules = back::read(&[artifact], Crosswalk::builtin()).unwrap();
        assert_eq!(rules.len(), 1, "{query}");
        rules.remove(0)
    }

    /// A list that has items, whatever the event has.
    const LIST: &str =
        "iff(array_length(AuthorizationInfo) > 0, AuthorizationInfo, dynamic([null]))";

    fn events() -> Vec<serde_json::Value> {
        let lists = [
            serde_json::json!(null),
            serde_json::json!([]),
            serde_json::json!([null]),
            serde_json::json!([{"permission": "a", "granted": true}]),
            serde_json::json!([{"permission": "a"}, {"permission": "b", "granted": true}]),
            serde_json::json!([{"permission": "b"}, "a"]),
            serde_json::json!([{"permission": "a"}, {"permission": "b"}, {"permission": "a"}]),
            serde_json::json!([{"permission": "b"}, {"permission": "a"}, {"permission": "b"}]),
            serde_json::json!({"permission": "a", "granted": true}),
            serde_json::json!("a"),
        ];
        let events = lists.into_iter().map(|list| {
            serde_json::json!({"protoPayload": {"authorizationInfo": list, "methodName": "m"}})
        });
        let missing = serde_json::json!({"protoPayload": {"methodName": "n"}, "verb": "get"});
        events.chain([missing, serde_json::json!({})]).collect()
    }

    #[test]
    fn rows_that_are_events_are_selected_as_these_are() {
        let mut verdicts = [0; 2];
        for query in [
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (where tostring(Item.permission) == 'a' | take 1)",
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (where tostring(Item.permission) != 'a' | take 1)",
            "GCPAuditLogs\n| where MethodName == 'm'\n| mv-apply Item = AuthorizationInfo on (extend P = tostring(Item.permission) | where P == 'b' | take 1)\n| extend X = strcat(MethodName, '!')\n| where X == 'm!'",
            "GCPAuditLogs\n| mv-apply Item = iff(array_length(AuthorizationInfo) > 0, AuthorizationInfo, dynamic([null])) on (summarize Found = make_set(Item.permission))\n| extend X = MethodName",
            "AWSEKSLogs\n| mv-apply Item = RawEvent.protoPayload.authorizationInfo on (where tostring(Item.permission) == 'a' | take 1)\n| extend X = RawEvent.verb",
            "GCPAuditLogs\n| mv-apply with_itemindex=At Item = AuthorizationInfo on (where isnotempty(Item.permission) | top 1 by At desc | where tobool(Item.granted) == true)",
            "GCPAuditLogs\n| mv-apply with_itemindex=At Item = AuthorizationInfo on (where isnotempty(Item.permission) | top 1 by At asc | extend P = tostring(Item.permission) | where P == 'b')",
            // How many items have something is asked beside other questions.
            "GCPAuditLogs\n| mv-apply Item = LIST on (summarize Any = countif(tostring(Item.permission) == 'a') > 0)\n| where Any or MethodName == 'n'",
            "GCPAuditLogs\n| mv-apply Item = LIST on (where isnull(Item.granted) | summarize Any = countif(isnull(Item)) > 0, Several = countif(isnotempty(Item.permission)) > 0)\n| where not(Any) and Several or MethodName == 'n'",
            "GCPAuditLogs\n| mv-apply with_itemindex=At Item = LIST on (where isnotempty(Item.permission) | top 1 by At desc | summarize Last = countif(tostring(Item.permission) == 'b') > 0)\n| mv-apply Item = LIST on (summarize Any = countif(tobool(Item.granted)) > 0)\n| where Last and not(Any) or Any",
            "GCPAuditLogs\n| mv-apply Item = LIST on (summarize Several = countif(isnotempty(Item.permission)) > 1)\n| where Several",
            // The last of the distinct texts, where there is one.
            "GCPAuditLogs\n| mv-apply with_itemindex=At Item = LIST on (where isnotnull(Item.permission) | summarize At = min(At) by Each = tostring(Item.permission) | top 1 by At desc | summarize Found = make_list(Each))\n| where tostring(Found[0]) == 'b' or array_length(Found) == 0 and MethodName == 'n'",
        ] {
            let query = &query.replace("LIST", LIST);
            let rule = read(query);
            let rows = rule.pipeline.as_ref().unwrap();
            let selected = selected(rows).unwrap_or_else(|| panic!("{query}"));
            for event in events() {
                let (of_rows, of_event) = (
                    view::makes_rows(&rule, std::slice::from_ref(&event)),
                    crate::eval::holds(&selected.condition, &event),
                );
                assert_eq!(
                    of_rows, of_event,
                    "{query}\n{event}\n{}",
                    selected.condition
                );
                verdicts[usize::from(of_rows)] += 1;
            }
        }
        assert!(verdicts.iter().all(|count| *count > 5), "{verdicts:?}");
    }

    #[test]
    fn rows_that_are_no_events_are_not_said() {
        for query in [
            // A row for each item, for none of an empty list, for each group, or one of several events.
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (where tostring(Item.permission) == 'a')",
            // Any item, or the least by another value, is asked for the rest.
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (take 1 | where tostring(Item.permission) == 'a')",
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (top 1 by tostring(Item.permission) asc | where tobool(Item.granted) == true)",
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (summarize Found = make_set(Item.permission))",
            "GCPAuditLogs\n| mv-apply Item = iff(array_length(AuthorizationInfo) > 0, AuthorizationInfo, dynamic([null])) on (summarize count() by tostring(Item.permission))",
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (where tostring(Item.permission) == 'a' | take 1)\n| take 1",
            // What the items were made to is not known.
            "GCPAuditLogs\n| mv-apply Item = LIST on (summarize Found = make_set(Item.permission))\n| where array_length(Found) > 1",
            "GCPAuditLogs\n| mv-apply Item = AuthorizationInfo on (summarize Any = countif(tostring(Item.permission) == 'a') > 0)\n| where Any",
            "GCPAuditLogs\n| mv-apply Item = LIST on (top 1 by tostring(Item.permission) asc | summarize Any = countif(tostring(Item.permission) == 'a') > 0)\n| where Any",
        ] {
            let rule = read(&query.replace("LIST", LIST));
            let rows = rule.pipeline.as_ref().unwrap();
            assert!(selected(rows).is_none(), "{query}");
        }
    }
}
