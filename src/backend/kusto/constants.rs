//! Long lists of constants that stand in a query more than once: a `let` for each, and its name from there on.
//!
//! Kusto takes the name of a dynamic list wherever it takes the list's items in
//! brackets.

use rustc_hash::FxHashSet;

use super::stage::{self, Stage};
use crate::backend::fragment::{ATOM, Breaks, Fragment};

/// The fewest characters that a name for a list saves.
const SAVED: usize = 100;

/// The characters of a name.
const NAME: usize = 7;

/// The statements before the query, whose stages have the names.
pub(super) fn named(stages: &mut [&mut Stage], is_free: &dyn Fn(&str) -> bool) -> String {
    let mut lists: Vec<(Vec<Fragment>, usize)> = Vec::new();
    for fragment in stages.iter().flat_map(|stage| stage::fragments(stage)) {
        each_list(
            fragment,
            &mut |items| match lists.iter_mut().find(|(known, _)| known == items) {
                Some((_, count)) => *count += 1,
                None => lists.push((items.to_vec(), 1)),
            },
        );
    }
    let saves = |(items, count): &(Vec<Fragment>, usize)| {
        let room: usize = items.iter().map(|item| item.width() + 2).sum();
        (count - 1) * room >= count * NAME + SAVED
            && items.iter().all(|item| is_constant(&item.flat()))
    };
    lists.retain(saves);
    if lists.is_empty() {
        return String::new();
    }
    let texts = texts_of(stages);
    let mut lets = String::new();
    let mut free = (1..1_000).map(|number| match number {
        1 => "Values".to_owned(),
        _ => format!("Values{number}"),
    });
    let mut given: Vec<(Vec<Fragment>, Fragment)> = Vec::new();
    for (items, _) in lists {
        let is_new = |name: &String| is_free(name) && !texts.iter().any(|text| text.contains(name));
        let Some(name) = free.find(is_new) else {
            break;
        };
        lets.push_str(&statement(&name, &items));
        given.push((items, Fragment::atom(name)));
    }
    for stage in &mut *stages {
        stage::change(stage, &mut |fragment| with_name(fragment, &given));
    }
    lets
}

/// What stands in the stages, each piece of text once.
fn texts_of(stages: &[&mut Stage]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut open: Vec<&Fragment> = stages.iter().flat_map(|it| stage::fragments(it)).collect();
    let mut seen = FxHashSet::default();
    while let Some(fragment) = open.pop() {
        if seen.insert(fragment.fingerprint()) {
            texts.extend(fragment.own_texts().into_iter().map(str::to_owned));
            open.extend(fragment.inner());
        }
    }
    texts
}

/// The fragment with a name in place of its list, and of those in what the list is of; nothing where the list has none.
fn with_name(fragment: &Fragment, named: &[(Vec<Fragment>, Fragment)]) -> Option<Fragment> {
    let own = fragment.values()?;
    let (_, name) = named.iter().find(|(items, _)| own == items)?;
    let short = fragment.with_value(name);
    let within = short.changed(&mut |part| with_name(part, named));
    Some(within.unwrap_or(short))
}

/// Goes through the lists of values that stand in the fragment.
fn each_list(fragment: &Fragment, found: &mut dyn FnMut(&[Fragment])) {
    fragment.values().iter().for_each(|items| found(items));
    for part in fragment.inner() {
        each_list(part, found);
    }
}

/// The statement that names a list.
fn statement(name: &str, items: &[Fragment]) -> String {
    let list = Fragment::list("dynamic([", items.to_vec(), "])", ATOM);
    let named = list.prefix(&format!("let {name} = "), 0);
    // One less for the semicolon.
    let lines = named.lines(0, Breaks::filled(stage::WIDTH).less(1));
    format!("{};\n", lines.join("\n"))
}

/// Whether the item stands in a list of constants as it stands in brackets.
fn is_constant(item: &str) -> bool {
    let is_text = item.len() > 1 && item.starts_with('"') && item.ends_with('"');
    is_text || item.parse::<i64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::stage::Items;
    use super::*;

    #[test]
    fn a_list_that_stands_twice_has_a_name() {
        let items = || (0..30).map(|at| Fragment::atom(format!("\"value {at}\"")));
        let within = Fragment::list("dynamic([", items().collect(), "])", ATOM);
        let within = Fragment::called("set_intersect", &[Fragment::atom("X"), within]);
        let in_list =
            |name: &str| Fragment::atom(name).with_items(" in (", items().collect(), ")", 3);
        let mut stages = vec![
            Stage::Where(in_list("A")),
            Stage::Apply {
                items: Items::or_null("Item", None, &Fragment::atom("X")),
                body: vec![Stage::Where(within)],
            },
            // The arguments of a call are no list.
            Stage::Extend(vec![Fragment::list(
                "B = pack_array(",
                items().collect(),
                ")",
                ATOM,
            )]),
        ];
        let name = |stages: &mut [Stage]| {
            let mut stages: Vec<&mut Stage> = stages.iter_mut().collect();
            named(&mut stages, &|name| name != "Values")
        };
        let lets = name(&mut stages);
        let text = stage::print("T", &stages, stage::USUAL);
        assert!(lets.starts_with("let Values2 = dynamic([\n"), "{lets}");
        assert!(
            lets.lines().all(|line| line.len() <= stage::WIDTH),
            "{lets}"
        );
        assert!(text.contains("| where A in (Values2)"), "{text}");
        assert!(text.contains("set_intersect(X, Values2)"), "{text}");
        assert!(text.contains("pack_array("), "{text}");
        assert_eq!(text.matches("\"value 7\"").count(), 1, "{text}");
        assert!(name(&mut [Stage::Where(in_list("A"))]).is_empty());
    }
}
