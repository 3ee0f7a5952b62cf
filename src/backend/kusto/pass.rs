//! A pass over the items of a list within each row: the columns that are made of them.
//!
//! The row stays one whatever the list holds, since a summary without a key gives one row. Passes over the same list that stand
//! beside each other are one, where each column says itself of which items it is made.

use std::collections::BTreeSet;

use super::columns::named;
use super::stage::{self, Items, Stage};
use super::value::strength;
use crate::backend::fragment::{ATOM, Breaks, Fragment};

/// One pass.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    /// The items of the list.
    pub(super) items: Items,
    /// The stages before the columns are made: passes that are made within this one, or any where it is joined with no other.
    pub(super) body: Vec<Stage>,
    pub(super) made: Vec<Made>,
}

/// A column that is made of the items for which all of some conditions hold.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) column: String,
    pub(super) what: What,
    pub(super) when: Vec<Fragment>,
}

/// What is made.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// The list of this value of each item.
    List(Fragment),
    /// The object of these entries, one of each item.
    Object(Fragment),
    /// Whether this holds for an item.
    Any(Fragment),
}

impl Pass {
    /// A pass whose stages are conditions as far as they can be.
    pub(super) fn new(items: Items, body: Vec<Stage>, column: String, what: What) -> Self {
        let is_plain = |stage: &Stage| matches!(stage, Stage::Where(_) | Stage::Pass(_));
        let (when, body) = if body.iter().all(is_plain) {
            let (tests, passes): (Vec<Stage>, Vec<Stage>) = body
                .into_iter()
                .partition(|stage| matches!(stage, Stage::Where(_)));
            let tests = tests.into_iter().filter_map(|stage| match stage {
                Stage::Where(test) => Some(test),
                _ => None,
            });
            (tests.collect(), passes)
        } else {
            (Vec::new(), body)
        };
        let made = vec![Made { column, what, when }];
        Self { items, body, made }
    }

    /// Whether it makes one row of each and leaves the item as it is, so that another pass can be made with it.
    fn is_plain(&self) -> bool {
        self.body
            .iter()
            .all(|stage| matches!(stage, Stage::Pass(_)))
    }

    /// The stages in the brackets.
    pub(super) fn stages(&self) -> Vec<Stage> {
        let body = joined(self.body.clone());
        let when = self.made.first().map_or(&[][..], |made| &made.when);
        let alike = self.made.iter().all(|made| made.when == when);
        let tests = if alike { when } else { &[] };
        // What asks nothing of the passes comes before them.
        let (behind, before): (Vec<&Fragment>, Vec<&Fragment>) =
            tests.iter().partition(|test| reads(&body, test));
        let test = |test: &Fragment| Stage::Where(test.clone());
        let mut stages: Vec<Stage> = before.into_iter().map(test).collect();
        stages.extend(body);
        stages.extend(behind.into_iter().map(test));
        let made = self.made.iter().map(|made| made.written(alike));
        stages.push(Stage::Summarize(made.collect(), Vec::new()));
        stages
    }
}

impl Made {
    /// The column; `asked` where its conditions stand before it.
    fn written(&self, asked: bool) -> Fragment {
        let when = if asked { &[][..] } else { &self.when };
        let both = |when: &[Fragment]| Fragment::infix("and", strength::AND, when.to_vec());
        let of = |function: &str, value: &Fragment| match when {
            [] => Fragment::called(function, std::slice::from_ref(value)),
            when => {
                let arguments = vec![value.clone(), both(when)];
                Fragment::list(format!("{function}_if("), arguments, ")", ATOM)
            }
        };
        let made = match &self.what {
            What::List(value) => of("make_list", value),
            What::Object(entry) => of("make_bag", entry),
            What::Any(test) => {
                let tests: Vec<Fragment> = when.iter().chain([test]).cloned().collect();
                both(&tests).call("countif(", ") > 0")
            }
        };
        named(&self.column, &made)
    }
}

/// The stages with passes over the same list in one.
pub(super) fn joined(stages: Vec<Stage>) -> Vec<Stage> {
    let mut joined: Vec<Stage> = Vec::new();
    for stage in stages {
        let Stage::Pass(pass) = stage else {
            if !is_said(&joined, &stage) {
                joined.push(stage);
            }
            continue;
        };
        match earlier(&joined, &pass) {
            Some(at) => {
                if let Some(Stage::Pass(before)) = joined.get_mut(at) {
                    before.body.extend(pass.body);
                    before.made.extend(pass.made);
                }
            }
            None => joined.push(Stage::Pass(pass)),
        }
    }
    joined
}

/// The pass over the same list behind which no row is left out and nothing is made that this one reads.
fn earlier(stages: &[Stage], pass: &Pass) -> Option<usize> {
    if !pass.is_plain() {
        return None;
    }
    let text = stage::print("", &[Stage::Pass(pass.clone())], Breaks::NONE);
    let read: BTreeSet<&str> = words(&text).collect();
    for (at, stage) in stages.iter().enumerate().rev() {
        match stage {
            Stage::Pass(before) if before.items == pass.items && before.is_plain() => {
                return Some(at);
            }
            Stage::Pass(before) => {
                let mut made = before.made.iter();
                if made.any(|made| read.contains(made.column.as_str())) {
                    return None;
                }
            }
            _ => return None,
        }
    }
    None
}

/// Whether the stage asks what one of those right before it asks.
fn is_said(stages: &[Stage], stage: &Stage) -> bool {
    let Stage::Where(test) = stage else {
        return false;
    };
    let before = stages.iter().rev();
    let mut asked = before.map_while(|stage| match stage {
        Stage::Where(asked) => Some(asked),
        _ => None,
    });
    asked.any(|asked| asked == test)
}

/// Whether the condition reads a column that one of the passes makes.
fn reads(passes: &[Stage], test: &Fragment) -> bool {
    let asked = test.flat();
    passes.iter().any(|stage| match stage {
        Stage::Pass(pass) => {
            let mut made = pass.made.iter();
            made.any(|made| words(&asked).any(|word| word == made.column))
        }
        _ => true,
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

#[cfg(test)]
mod tests {
    use super::super::stage::USUAL;
    use super::*;

    fn pass(list: &str, column: &str, tests: &[&str], what: What) -> Stage {
        let tests = tests.iter().map(|test| Stage::Where(Fragment::atom(*test)));
        let items = Items::or_null("Item", None, &Fragment::atom(list));
        Stage::Pass(Pass::new(items, tests.collect(), column.to_owned(), what))
    }

    fn made(value: &str) -> What {
        What::List(Fragment::atom(value))
    }

    #[test]
    fn passes_over_one_list_are_one() {
        let any = || What::Any(Fragment::atom("Item.b"));
        let stages = joined(vec![
            pass("List", "A", &["Item.a"], made("Item.x")),
            pass("List", "B", &[], any()),
            pass("Other", "C", &["Item.c"], made("Item")),
        ]);
        insta::assert_snapshot!(stage::print("T", &stages, USUAL), @r"
        T
        | mv-apply Item = iff(array_length(List) > 0, List, dynamic([null])) on (
            summarize A = make_list_if(Item.x, Item.a), B = countif(Item.b) > 0
        )
        | mv-apply Item = iff(array_length(Other) > 0, Other, dynamic([null])) on (
            where Item.c
            | summarize C = make_list(Item)
        )
        ");
    }

    #[test]
    fn a_pass_that_reads_what_one_before_makes_stays_behind_it() {
        let reads = vec![
            pass("List", "A", &[], made("Item.x")),
            pass("A", "B", &[], made("Item")),
            pass("List", "C", &["Item.y in (B)"], made("Item")),
        ];
        assert_eq!(joined(reads).len(), 3);
        let test = || Stage::Where(Fragment::atom("X == 1"));
        assert_eq!(joined(vec![test(), test()]).len(), 1);
    }
}
