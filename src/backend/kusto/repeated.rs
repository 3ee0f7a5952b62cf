//! Conditions that stand in a query more than once: a column that says whether each holds, and its name from there on.
//!
//! Done where a query would be too long without. An expression of KQL has no side effects, so that its value in a column is its value
//! in its place, nulls included. Only the filters of rows are looked at: what stands in the stages about items reads other columns.

use std::collections::BTreeMap;

use super::columns::named;
use super::stage::{self, Stage};
use crate::backend::fragment::Fragment;

/// How many characters a column has to save.
const SAVING: usize = 60;

/// The most columns that are made.
const MOST: usize = 40;

/// What an `extend` takes besides the name and the condition.
const EXTEND: usize = 12;

/// The stages with columns for the conditions that are asked several times.
pub(super) fn once(mut stages: Vec<Stage>, is_free: &dyn Fn(&str) -> bool) -> Vec<Stage> {
    let text = stage::print("", &stages);
    let names = (1..1_000).map(|number| format!("Check{number}"));
    let mut names = names.filter(|name| is_free(name) && !text.contains(name.as_str()));
    for _ in 0..MOST {
        let (Some(repeated), Some(name)) = (most_repeated(&stages), names.next()) else {
            break;
        };
        stages = with_column(stages, &repeated, &name);
    }
    stages
}

/// The condition whose column saves most.
fn most_repeated(stages: &[Stage]) -> Option<Fragment> {
    let mut counts: BTreeMap<u64, (usize, &Fragment)> = BTreeMap::new();
    for stage in stages {
        match stage {
            Stage::Where(test) => count(test, &mut counts),
            Stage::Extend(made) => made.iter().filter_map(value).for_each(|made| {
                count(made, &mut counts);
            }),
            _ => {}
        }
    }
    let saved = |times: usize, condition: &Fragment| {
        let width = condition.width();
        let name = "Check10".len();
        let less = times.saturating_sub(1) * width.saturating_sub(name);
        less.checked_sub(2 * name + EXTEND)
    };
    let best = counts
        .into_values()
        .filter_map(|(times, condition)| Some((saved(times, condition)?, condition)))
        .max_by_key(|(saved, _)| *saved);
    best.filter(|(saved, _)| *saved > SAVING)
        .map(|(_, condition)| condition.clone())
}

/// The condition that a column is made of by an earlier round.
fn value(made: &Fragment) -> Option<&Fragment> {
    let (open, inner) = made.inside()?;
    let name = open.strip_suffix(" = ")?;
    name.starts_with("Check").then_some(inner)
}

fn count<'f>(condition: &'f Fragment, counts: &mut BTreeMap<u64, (usize, &'f Fragment)>) {
    counts
        .entry(condition.fingerprint())
        .or_insert((0, condition))
        .0 += 1;
    for part in parts(condition) {
        count(part, counts);
    }
}

/// The conditions that a condition is put together from.
fn parts(condition: &Fragment) -> Vec<&Fragment> {
    match (condition.parts(), condition.inside()) {
        (Some(("and" | "or", parts)), _) => parts.iter().collect(),
        (_, Some(("(" | "not(" | "coalesce(" | "not(coalesce(", inner))) => vec![inner],
        _ => Vec::new(),
    }
}

/// The stages with the condition in a column that is made before its first use.
fn with_column(stages: Vec<Stage>, condition: &Fragment, name: &str) -> Vec<Stage> {
    let column = Fragment::atom(name);
    let mut made = false;
    let mut result = Vec::new();
    for stage in stages {
        let changed = match &stage {
            Stage::Where(test) => test.replaced(condition, &column).map(Stage::Where),
            Stage::Extend(parts) if parts.iter().any(|part| value(part).is_some()) => {
                let replaced = parts.iter().map(|part| part.replaced(condition, &column));
                let replaced: Vec<Option<Fragment>> = replaced.collect();
                let is_changed = replaced.iter().any(Option::is_some);
                let both = replaced.into_iter().zip(parts);
                let parts = both.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
                is_changed.then(|| Stage::Extend(parts.collect()))
            }
            _ => None,
        };
        if changed.is_some() && !made {
            made = true;
            result.push(Stage::Extend(vec![named(name, condition)]));
        }
        result.push(changed.unwrap_or(stage));
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::kusto::value::strength;

    fn test(name: &str) -> Fragment {
        let text = format!(
            "tostring(parse_json(RequestParameters).{name}) startswith_cs \"a rather long text\""
        );
        Fragment::with_strength(text, strength::TEXT)
    }

    fn any(parts: Vec<Fragment>) -> Fragment {
        Fragment::infix("or", strength::OR, parts)
    }

    fn all(parts: Vec<Fragment>) -> Fragment {
        Fragment::infix("and", strength::AND, parts)
    }

    #[test]
    fn what_is_asked_often_is_a_column_before_its_first_use() {
        let both = || any(vec![test("a"), test("b")]);
        let kind =
            |name: &str| Fragment::with_strength(format!("Kind == \"{name}\""), strength::EQUALITY);
        let stages = vec![
            Stage::Where(kind("w")),
            Stage::Where(any(vec![
                all(vec![kind("x"), both()]),
                all(vec![kind("y"), both().call("not(", ")")]),
                all(vec![kind("z"), test("a")]),
            ])),
            Stage::Where(any(vec![test("c"), both()])),
        ];
        let text = stage::print("T", &once(stages, &|name| name != "Check1"));
        assert_eq!(text.matches("RequestParameters).b)").count(), 1, "{text}");
        assert!(!text.contains("Check1 "), "{text}");
        let (made, used) = (
            text.find("| extend").unwrap(),
            text.find("Kind == \"x\"").unwrap(),
        );
        assert!(
            text.find("Kind == \"w\"").unwrap() < made && made < used,
            "{text}"
        );
        assert!(text.contains("not(Check"), "{text}");
        // What stands once stays where it is.
        assert!(
            text.contains("startswith_cs \"a rather long text\" or Check"),
            "{text}"
        );
    }
}
