//! What a query says more than once, said once: a column for it before its first use, and the column's name from there on.
//!
//! An expression of KQL has no side effects, so that its value in a column is its value
//! in its place, nulls included. Invariant: nothing that the expression reads is made anew between the column and its last use, and
//! what reads several rows, or the items of a list, stays among these. Refused: constants, which are no columns.

mod reading;
mod repeated;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use reading::Readings;
use reading::words;
use repeated::Column;

use super::columns::named;
use super::quote;
use super::stage::{self, Stage};
use crate::backend::fragment::Fragment;
use crate::schema::kusto::STANDARD;

/// The stages with columns for what stands in them several times and takes so many characters more than its column; `is_free` says
/// whether a column may have a name.
pub(super) fn once(
    stages: Vec<Stage>,
    worth: usize,
    readings: &mut Readings,
    is_free: &dyn Fn(&str) -> bool,
) -> Vec<Stage> {
    if !repeats(&stages, worth) {
        return stages;
    }
    let mut sharing = Sharing {
        worth,
        is_free,
        taken: words_of(&stages),
        readings,
    };
    sharing.block(stages)
}

struct Sharing<'s> {
    worth: usize,
    is_free: &'s dyn Fn(&str) -> bool,
    /// The words of the query, some of which are names.
    taken: BTreeSet<String>,
    readings: &'s mut Readings,
}

impl Sharing<'_> {
    /// Stages of which each reads what those before it leave.
    fn block(&mut self, stages: Vec<Stage>) -> Vec<Stage> {
        let mut done = Vec::new();
        let mut run = Vec::new();
        for stage in stages {
            // Behind it stand other columns.
            let ends = matches!(stage, Stage::Summarize(..) | Stage::Project(_));
            run.push(stage);
            if ends {
                done.extend(self.run(std::mem::take(&mut run)));
            }
        }
        done.extend(self.run(run));
        done
    }

    /// Stages behind which every column is still there, but for the last one.
    fn run(&mut self, stages: Vec<Stage>) -> Vec<Stage> {
        if !repeats(&stages, self.worth) {
            return stages;
        }
        let inner: BTreeSet<String> = stages.iter().flat_map(bound_within).collect();
        let columns = repeated::columns(&stages, self.worth, &inner, self.readings);
        let stages = self.with_columns(stages, columns);
        let within = stages.into_iter().map(|stage| match stage {
            Stage::Apply { items, body } => Stage::Apply {
                items,
                body: self.block(body),
            },
            other => other,
        });
        within.collect()
    }

    /// The stages with the columns, from the narrowest to the widest, each before the first stage that reads it.
    fn with_columns(&mut self, stages: Vec<Stage>, chosen: Vec<Column>) -> Vec<Stage> {
        if chosen.is_empty() {
            return stages;
        }
        let mut columns: BTreeMap<u64, Fragment> = BTreeMap::new();
        let mut before: BTreeMap<usize, Vec<(String, Fragment)>> = BTreeMap::new();
        for node in chosen {
            let wanted = node.name.filter(|name| self.is_unread(name, &stages));
            let name = wanted.unwrap_or_else(|| {
                let own = self.readings.name(&node.fragment);
                self.fresh(&own)
            });
            let value = renamed(&node.fragment, &columns);
            columns.insert(
                node.fragment.fingerprint(),
                Fragment::atom(quote::name(&name)),
            );
            before.entry(node.first).or_default().push((name, value));
        }
        let mut done = Vec::new();
        for (at, mut stage) in stages.into_iter().enumerate() {
            for (name, value) in before.remove(&at).unwrap_or_default() {
                push(&mut done, &name, &value);
            }
            stage::change(&mut stage, &mut |fragment| replaced(fragment, &columns));
            done.push(stage);
        }
        done
    }

    /// Whether the name of a column that a stage makes can be given to one before it.
    fn is_unread(&self, name: &str, stages: &[Stage]) -> bool {
        let fragments = || stages.iter().flat_map(stage::fragments);
        let reads = fragments().any(|fragment| {
            let (_, value) = split_name(fragment);
            words(&value.flat()).iter().any(|word| word.name == name)
        });
        let made = fragments().filter(|fragment| split_name(fragment).0 == Some(name));
        !reads && made.count() == 1 && (self.is_free)(name)
    }

    fn fresh(&mut self, word: &str) -> String {
        let numbered = (2..10_000).map(|number| format!("{word}{number}"));
        let mut names = std::iter::once(word.to_owned()).chain(numbered);
        let is_standard = |name: &String| STANDARD.iter().any(|(standard, _)| standard == name);
        let is_free = |name: &String| {
            !self.taken.contains(name) && !is_standard(name) && (self.is_free)(name)
        };
        let name = names.find(is_free);
        let name = name.unwrap_or_else(|| word.to_owned());
        self.taken.insert(name.clone());
        name
    }
}

/// The words of stages, some of which are names.
fn words_of(stages: &[Stage]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |text: &str| {
        found.extend(words(text).into_iter().map(|word| word.name.to_owned()));
    };
    let mut open: Vec<&Fragment> = stages.iter().flat_map(stage::fragments).collect();
    let mut seen = FxHashSet::default();
    while let Some(fragment) = open.pop() {
        if seen.insert(fragment.fingerprint()) {
            fragment.own_texts().into_iter().for_each(&mut add);
            open.extend(fragment.inner());
        }
    }
    for stage in stages {
        each_name(stage, &mut add);
    }
    found
}

/// Goes through the names in a stage that stand in no expression.
fn each_name(stage: &Stage, found: &mut dyn FnMut(&str)) {
    match stage {
        Stage::Expand(text) | Stage::Top(text, _) => found(text),
        Stage::Sort(columns) => columns.iter().for_each(|column| found(column)),
        Stage::Apply { items, body } => {
            found(&items.name);
            items.index.iter().for_each(|index| found(index));
            for stage in body {
                each_name(stage, found);
            }
        }
        Stage::Where(_)
        | Stage::Extend(_)
        | Stage::Project(_)
        | Stage::Summarize(..)
        | Stage::Pass(_)
        | Stage::Take(_) => {}
    }
}

/// Whether anything that can be a column stands in the stages so often that so many characters could be saved.
fn repeats(stages: &[Stage], worth: usize) -> bool {
    let mut seen: FxHashMap<u64, usize> = FxHashMap::default();
    let mut queue: Vec<&Fragment> = stages.iter().flat_map(stage::fragments).collect();
    while let Some(fragment) = queue.pop() {
        if is_plain(fragment) {
            continue;
        }
        let count = seen.entry(fragment.fingerprint()).or_default();
        if *count * fragment.width() >= worth {
            return true;
        }
        *count += 1;
        queue.extend(fragment.inner());
    }
    false
}

/// Whether it is a constant text or the name of a column, which no column stands for.
fn is_plain(fragment: &Fragment) -> bool {
    fragment.text().is_some_and(|text| {
        let is_closed = |quote: char| {
            let inner = text.trim_start_matches('@').strip_prefix(quote);
            inner.is_some_and(|inner| inner.find(quote) == inner.len().checked_sub(1))
        };
        quote::is_word(text) || is_closed('"') || is_closed('\'')
    })
}

/// The names that stages within these make for themselves.
fn bound_within(stage: &Stage) -> Vec<String> {
    let Stage::Apply { items, body } = stage else {
        return Vec::new();
    };
    let mut bound: Vec<String> = items.index.iter().cloned().collect();
    bound.push(items.name.clone());
    for (at, stage) in body.iter().enumerate() {
        bound.extend(bound_within(stage));
        if at + 1 < body.len() {
            bound.extend(makes(stage).into_iter().map(str::to_owned));
        }
    }
    bound
}

/// The columns that a stage makes.
fn makes(stage: &Stage) -> Vec<&str> {
    match stage {
        Stage::Extend(items) | Stage::Project(items) | Stage::Summarize(items, _) => {
            items.iter().filter_map(|item| split_name(item).0).collect()
        }
        Stage::Expand(item) => item.split(" = ").next().into_iter().collect(),
        Stage::Apply { body, .. } => body.last().map(makes).unwrap_or_default(),
        Stage::Where(_) | Stage::Pass(_) | Stage::Take(_) | Stage::Top(..) | Stage::Sort(_) => {
            Vec::new()
        }
    }
}

/// The name that an expression is given, and the expression.
fn split_name(item: &Fragment) -> (Option<&str>, &Fragment) {
    match item.inside() {
        Some((open, inner)) => match open.strip_suffix(" = ") {
            Some(name) => (Some(name), inner),
            None => (None, item),
        },
        None => (None, item),
    }
}

/// The expression with columns in place of its parts.
fn renamed(whole: &Fragment, columns: &BTreeMap<u64, Fragment>) -> Fragment {
    let changed = whole.changed(&mut |part| columns.get(&part.fingerprint()).cloned());
    changed.unwrap_or_else(|| whole.clone())
}

/// What stands in a stage with columns in place of it or its parts; a column that is given its own name is only named.
fn replaced(whole: &Fragment, columns: &BTreeMap<u64, Fragment>) -> Option<Fragment> {
    if let Some(column) = columns.get(&whole.fingerprint()) {
        return Some(column.clone());
    }
    let (name, value) = split_name(whole);
    let column = columns.get(&value.fingerprint());
    column.filter(|column| column.text() == name).cloned()
}

/// Adds a column to the last stage, unless it reads one of that.
fn push(stages: &mut Vec<Stage>, name: &str, value: &Fragment) {
    let item = named(name, value);
    if let Some(last @ Stage::Extend(_)) = stages.last_mut() {
        let made = makes(last);
        let text = value.flat();
        let mut read = words(&text).into_iter();
        if !read.any(|word| made.contains(&word.name))
            && let Stage::Extend(items) = last
        {
            return items.push(item);
        }
    }
    stages.push(Stage::Extend(vec![item]));
}

#[cfg(test)]
mod tests {
    use super::super::stage::{Items, USUAL};
    use super::super::value::{infix, strength};
    use super::*;
    use crate::backend::fragment::ATOM;

    fn text_of(path: &str) -> Fragment {
        Fragment::called("tostring", &[Fragment::atom(path)])
    }

    fn differs(value: &Fragment, text: &str) -> Stage {
        let text = Fragment::atom(format!("\"{text}\""));
        Stage::Where(infix(value, "!=", text, strength::EQUALITY))
    }

    fn shared(stages: Vec<Stage>, is_free: &dyn Fn(&str) -> bool) -> String {
        let mut readings = Readings::default();
        stage::print("T", &once(stages, 0, &mut readings, is_free), USUAL)
    }

    #[test]
    fn what_is_said_twice_is_a_column_before_its_first_use() {
        let name = || text_of("Claims.identity.name");
        let stages = || {
            vec![
                differs(&Fragment::atom("Kind"), "x"),
                differs(&name(), "x"),
                Stage::Project(vec![
                    Fragment::atom("TimeGenerated"),
                    named("Caller", &name()),
                    named("Title", &Fragment::called("strcat", &[name(), name()])),
                ]),
            ]
        };
        insta::assert_snapshot!(shared(stages(), &|_| true), @r#"
        T
        | where Kind != "x"
        | extend Caller = tostring(Claims.identity.name)
        | where Caller != "x"
        | project TimeGenerated, Caller, Title = strcat(Caller, Caller)
        "#);
        // A column of the table keeps its name.
        insta::assert_snapshot!(shared(stages(), &|name| name != "Caller"), @r#"
        T
        | where Kind != "x"
        | extend Name = tostring(Claims.identity.name)
        | where Name != "x"
        | project TimeGenerated, Caller = Name, Title = strcat(Name, Name)
        "#);
        let once_only = vec![differs(&name(), "x")];
        assert!(!shared(once_only, &|_| true).contains("extend"));
    }

    #[test]
    fn what_is_of_an_item_stays_within_its_list() {
        let (own, outer) = (
            || text_of("Item.properties.value"),
            || text_of("Claims.identity.name"),
        );
        let same = |at: &str| infix(&own(), "==", Fragment::atom(at), strength::EQUALITY);
        let body = vec![
            Stage::Where(infix(&own(), "==", outer(), strength::EQUALITY)),
            Stage::Summarize(
                vec![named("Found", &same("\"a\"").call("countif(", ") > 0"))],
                Vec::new(),
            ),
        ];
        let items = Items::or_null("Item", None, &Fragment::atom("Parts"));
        let stages = vec![
            Stage::Apply { items, body },
            differs(&outer(), "x"),
            differs(&outer(), "y"),
        ];
        insta::assert_snapshot!(shared(stages, &|_| true), @r#"
        T
        | extend Name = tostring(Claims.identity.name)
        | mv-apply Item = iff(array_length(Parts) > 0, Parts, dynamic([null])) on (
            extend Value = tostring(Item.properties.value)
            | where Value == Name
            | summarize Found = countif(Value == "a") > 0
        )
        | where Name != "x"
        | where Name != "y"
        "#);
    }

    #[test]
    fn what_reads_other_values_is_not_the_same() {
        let name = || text_of("Claims.identity.name");
        let made = named("Claims", &Fragment::atom("Others"));
        let anew = vec![
            differs(&name(), "x"),
            Stage::Extend(vec![made]),
            differs(&name(), "y"),
        ];
        assert!(!shared(anew, &|_| true).contains("Name"));
        // What is made of several rows is no column of one.
        let count = || Fragment::called("count_distinct", &[name()]);
        let of_rows = vec![Stage::Summarize(
            vec![named("A", &count()), named("B", &count())],
            vec![Fragment::atom("Kind")],
        )];
        insta::assert_snapshot!(shared(of_rows, &|_| true), @r"
        T
        | extend Name = tostring(Claims.identity.name)
        | summarize A = count_distinct(Name), B = count_distinct(Name) by Kind
        ");
        // The name of a list of constants stands in its brackets.
        let among = |name: &str| {
            let list = Fragment::list("(", vec![Fragment::atom("\"a\"")], ")", ATOM);
            let list = list.with_value(&Fragment::atom("Values"));
            Stage::Where(Fragment::form("{} in {}", &[&Fragment::atom(name), &list]))
        };
        let text = shared(vec![among("A"), among("B"), among("C")], &|_| true);
        assert!(!text.contains("extend"), "{text}");
    }

    #[test]
    fn what_an_expression_reads_is_what_its_text_reads() {
        let (name, key) = (
            || text_of("Claims.identity.name"),
            Fragment::atom("[\"a.b\"]"),
        );
        let held = Fragment::form("{}{}", &[&Fragment::atom("Body"), &key]);
        let is_a = infix(&name(), "==", Fragment::atom("\"A\""), strength::EQUALITY);
        let either = Fragment::infix("or", strength::OR, vec![is_a.clone(), held.clone()]);
        let both = Fragment::infix("and", strength::AND, vec![either.clone(), is_a]);
        let listed = name().with_items(" in (", vec![Fragment::atom("Other")], ")", 3);
        let counted = held.clone().call("dcount(", ")");
        for fragment in [name(), key, held, either, both, listed, counted] {
            let text = fragment.flat();
            let said = words(&text);
            let known = Readings::default().known(&fragment);
            let reads = said
                .iter()
                .filter(|word| !word.is_called && !word.is_member);
            let reads: BTreeSet<&str> = reads.map(|word| word.name).collect();
            assert!(known.reads.iter().map(|name| &**name).eq(reads), "{text}");
            assert_eq!(known.is_of_rows, text.starts_with("dcount("), "{text}");
            let names = words_of(&[Stage::Where(fragment)]);
            let said: BTreeSet<&str> = said.iter().map(|word| word.name).collect();
            assert!(names.iter().map(String::as_str).eq(said), "{text}");
        }
    }
}
