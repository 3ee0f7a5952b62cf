//! Long lists of constants that stand in a query more than once: a `let` for each, and its name from there on.
//!
//! Done where a query would be too long without. Kusto takes the name of a dynamic list wherever it takes the list's items in
//! brackets.

use super::pass::Made;
use super::stage::Stage;
use crate::backend::fragment::Fragment;

/// The fewest characters of a list that gets a name.
const LONG: usize = 200;

/// The width that lines are broken to.
const WIDTH: usize = 120;

/// The statements before the query, and its stages.
pub(super) fn named(
    mut stages: Vec<Stage>,
    is_free: &dyn Fn(&str) -> bool,
) -> (String, Vec<Stage>) {
    let mut lists: Vec<(Vec<String>, usize)> = Vec::new();
    for fragment in stages.iter().flat_map(fragments) {
        fragment.each_list(
            &mut |items| match lists.iter_mut().find(|(known, _)| known == items) {
                Some((_, count)) => *count += 1,
                None => lists.push((items.to_vec(), 1)),
            },
        );
    }
    let texts: Vec<String> = stages
        .iter()
        .flat_map(fragments)
        .map(Fragment::flat)
        .collect();
    let mut lets = String::new();
    let mut names = (1..1_000).map(|number| match number {
        1 => "Values".to_owned(),
        _ => format!("Values{number}"),
    });
    for (items, count) in lists {
        let whole = dynamic(&items);
        // An expression of one text holds such a list as well.
        let within = texts.iter().map(|text| text.matches(&whole).count());
        let is_often = count + within.sum::<usize>() > 1;
        if !is_often || whole.len() < LONG || !items.iter().all(|item| is_constant(item)) {
            continue;
        }
        let is_new = |name: &String| is_free(name) && !texts.iter().any(|text| text.contains(name));
        let Some(name) = names.find(is_new) else {
            break;
        };
        for stage in &mut stages {
            rename(stage, &items, &whole, &name);
        }
        lets.push_str(&statement(&name, &items));
    }
    (lets, stages)
}

/// The statement that names a list.
fn statement(name: &str, items: &[String]) -> String {
    let mut text = format!("let {name} = dynamic([\n");
    let mut line = String::from("   ");
    for (at, item) in items.iter().enumerate() {
        let comma = if at + 1 < items.len() { "," } else { "" };
        if line.chars().count() + item.chars().count() + 2 > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line = String::from("   ");
        }
        line.extend([" ", item, comma]);
    }
    text.push_str(&line);
    text.push_str("\n]);\n");
    text
}

/// The list as a value.
fn dynamic(items: &[String]) -> String {
    format!("dynamic([{}])", items.join(", "))
}

/// Whether the item stands in a list of constants as it stands in brackets.
fn is_constant(item: &str) -> bool {
    let is_text = item.len() > 1 && item.starts_with('"') && item.ends_with('"');
    is_text || item.parse::<i64>().is_ok()
}

fn fragments(stage: &Stage) -> Vec<&Fragment> {
    match stage {
        Stage::Where(test) => vec![test],
        Stage::Summarize(items, _) | Stage::Extend(items) | Stage::Project(items) => {
            items.iter().collect()
        }
        Stage::Apply { body, .. } => body.iter().flat_map(fragments).collect(),
        Stage::Pass(pass) => {
            let body = pass.body.iter().flat_map(fragments);
            body.chain(pass.made.iter().flat_map(Made::tests)).collect()
        }
        Stage::Expand(_) | Stage::Take(_) | Stage::Top(..) | Stage::Sort(_) => Vec::new(),
    }
}

fn rename(stage: &mut Stage, items: &[String], whole: &str, name: &str) {
    let renamed = |fragment: &mut Fragment| {
        if let Some(new) = fragment.with_list(items, whole, name) {
            *fragment = new;
        }
    };
    match stage {
        Stage::Where(test) => renamed(test),
        Stage::Summarize(parts, _) | Stage::Extend(parts) | Stage::Project(parts) => {
            parts.iter_mut().for_each(renamed);
        }
        Stage::Apply { body, .. } => {
            for stage in body {
                rename(stage, items, whole, name);
            }
        }
        Stage::Pass(pass) => {
            for stage in &mut pass.body {
                rename(stage, items, whole, name);
            }
            let tests = pass.made.iter_mut().flat_map(Made::tests_mut);
            tests.for_each(renamed);
        }
        Stage::Expand(_) | Stage::Take(_) | Stage::Top(..) | Stage::Sort(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage;
    use super::*;
    use crate::backend::fragment::ATOM;

    #[test]
    fn a_list_that_stands_twice_has_a_name() {
        let items: Vec<String> = (0..30).map(|at| format!("\"value {at}\"")).collect();
        let list = |open: &str| Fragment::list(open, items.clone(), ")", ATOM);
        let within = format!("set_intersect(X, {})", dynamic(&items));
        let stages = vec![
            Stage::Where(list("A in (")),
            Stage::Apply {
                item: "Item = X".to_owned(),
                body: vec![Stage::Where(Fragment::atom(within))],
            },
            // The arguments of a call are no list.
            Stage::Extend(vec![list("B = pack_array(")]),
        ];
        let (lets, stages) = named(stages, &|name| name != "Values");
        let text = stage::print("T", &stages);
        assert!(lets.starts_with("let Values2 = dynamic([\n"), "{lets}");
        assert!(lets.lines().all(|line| line.len() <= WIDTH), "{lets}");
        assert!(text.contains("| where A in (Values2)"), "{text}");
        assert!(text.contains("set_intersect(X, Values2)"), "{text}");
        assert!(text.contains("pack_array("), "{text}");
        assert_eq!(text.matches("\"value 7\"").count(), 1, "{text}");
        let once = vec![Stage::Where(list("A in ("))];
        assert!(named(once, &|_| true).0.is_empty());
    }
}
