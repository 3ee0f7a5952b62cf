//! The detection node to named searches and the condition over them, in the style of the public rule collection.
//!
//! What must hold is `selection`; alternatives with several fields each are `selection_*`; what is excluded is `filter_main_*`. Names
//! come from fields and values, are unique, and never fall under a pattern that they are not meant for. The condition has only
//! the parentheses that the grammar needs.

use std::collections::BTreeSet;

use super::search::{Item, Map, Node};
use crate::backend::fragment::Fragment;

const OR: (&str, u8) = ("or", 1);
const AND: (&str, u8) = ("and", 2);
const NOT: (&str, u8) = ("not ", 3);

/// How many alternatives get names of their own; more stand in one list.
const NAMED: usize = 12;

/// A search with its name.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// The name.
    pub(super) name: String,
    /// Its maps, of which one must hold.
    pub(super) maps: Vec<Map>,
}

/// A whole detection.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The searches, in order.
    pub(super) searches: Vec<Named>,
    /// The condition.
    pub(super) condition: String,
}

/// The detection of a node.
pub(super) fn layout(node: Node) -> Layout {
    let mut writer = Writer::default();
    let (excluded, wanted): (Vec<Node>, Vec<Node>) = match node {
        Node::All(parts) => parts
            .into_iter()
            .partition(|part| matches!(part, Node::Not(_))),
        Node::Not(_) => (vec![node], Vec::new()),
        other => (Vec::new(), vec![other]),
    };
    // Names inside excluded trees may start like those of alternatives.
    let simple = excluded
        .iter()
        .all(|part| matches!(part, Node::Not(inner) if matches!(**inner, Node::Search(_))));
    let mut parts = writer.wanted(wanted, simple);
    parts.extend(writer.excluded(excluded));
    Layout {
        condition: Fragment::infix(AND.0, AND.1, parts).flat(),
        searches: writer.searches,
    }
}

#[derive(Default)]
struct Writer {
    searches: Vec<Named>,
    names: BTreeSet<String>,
}

impl Writer {
    fn wanted(&mut self, nodes: Vec<Node>, simple: bool) -> Vec<Fragment> {
        let spread = simple && is_spread(&nodes);
        let mut parts = Vec::new();
        for node in nodes {
            parts.push(match node {
                Node::Search(maps) if maps.len() > 1 && spread => self.alternatives(maps),
                Node::Search(maps) => {
                    let name = if maps.iter().flatten().all(Item::is_keyword) {
                        "keywords".to_owned()
                    } else if self.names.contains("selection") {
                        format!("selection_{}", word_of(&maps))
                    } else {
                        "selection".to_owned()
                    };
                    self.search(&name, maps)
                }
                other => self.tree(other, false),
            });
        }
        parts
    }

    /// Alternatives under names of their own: `1 of selection_*`.
    fn alternatives(&mut self, maps: Vec<Map>) -> Fragment {
        for map in maps {
            let name = format!("selection_{}", label_of(&map));
            self.search(&name, vec![map]);
        }
        Fragment::atom("1 of selection_*")
    }

    fn excluded(&mut self, nodes: Vec<Node>) -> Vec<Fragment> {
        let mut parts = Vec::new();
        let mut filters = false;
        for node in nodes {
            match node {
                Node::Not(inner) => match *inner {
                    Node::Search(maps) => {
                        filters = true;
                        let name = format!("filter_main_{}", word_of(&maps));
                        self.search(&name, maps);
                    }
                    other => parts.push(self.tree(other, true).prefix(NOT.0, NOT.1)),
                },
                other => parts.push(self.tree(other, false)),
            }
        }
        if filters {
            parts.push(Fragment::atom("1 of filter_main_*").prefix(NOT.0, NOT.1));
        }
        parts
    }

    fn tree(&mut self, node: Node, negated: bool) -> Fragment {
        match node {
            Node::Search(maps) => {
                let prefix = if negated { "filter" } else { "selection" };
                let name = format!("{prefix}_{}", word_of(&maps))
                    .replace("filter_main_", "filter_in_main_");
                self.search(&name, maps)
            }
            Node::All(parts) => self.join(parts, AND, negated),
            Node::Any(parts) => self.join(parts, OR, negated),
            Node::Not(inner) => self.tree(*inner, !negated).prefix(NOT.0, NOT.1),
        }
    }

    fn join(
        &mut self,
        parts: Vec<Node>,
        (word, strength): (&'static str, u8),
        negated: bool,
    ) -> Fragment {
        let parts = parts
            .into_iter()
            .map(|part| self.tree(part, negated))
            .collect();
        Fragment::infix(word, strength, parts)
    }

    fn search(&mut self, name: &str, maps: Vec<Map>) -> Fragment {
        let mut unique = name.to_owned();
        let mut number = 2;
        while !self.names.insert(unique.clone()) {
            unique = format!("{name}_{number}");
            number += 1;
        }
        self.searches.push(Named {
            name: unique.clone(),
            maps,
        });
        Fragment::atom(unique)
    }
}

/// Whether the alternatives among the nodes can be named one by one: there is one list of them, at most one other search (which is
/// then called `selection`), and nothing else that would be called `selection_`.
fn is_spread(nodes: &[Node]) -> bool {
    let lists: Vec<&Vec<Map>> = nodes
        .iter()
        .filter_map(|node| match node {
            Node::Search(maps) if maps.len() > 1 => Some(maps),
            _ => None,
        })
        .collect();
    let others = nodes
        .iter()
        .filter(|node| matches!(node, Node::Search(maps) if maps.len() == 1))
        .count();
    match lists.as_slice() {
        [maps] => {
            nodes.len() == others + 1
                && others < 2
                && maps.len() <= NAMED
                && maps.iter().any(|map| map.len() > 1)
        }
        _ => false,
    }
}

/// A name for a search, from its first field.
fn word_of(maps: &[Map]) -> String {
    let Some(first) = maps.iter().flatten().next() else {
        return "main".to_owned();
    };
    let word = field_word(first);
    match first.values.as_slice() {
        [value] if value == "null" && maps.len() == 1 => format!("{word}_null"),
        [value] if value == "null" || value == "\"\"" => format!("{word}_empty"),
        _ => word,
    }
}

/// A name for an alternative: its first value if that is a word, else its first field.
fn label_of(map: &Map) -> String {
    const LONGEST: usize = 24;
    let Some(first) = map.first() else {
        return "main".to_owned();
    };
    let word = snake(&first.label);
    let is_word =
        word.len() >= 2 && word.len() <= LONGEST && !word.starts_with(|c: char| c.is_ascii_digit());
    if is_word { word } else { field_word(first) }
}

/// The last key of a field that says enough.
fn field_word(item: &Item) -> String {
    if item.is_keyword() {
        return "keywords".to_owned();
    }
    let mut keys = item.field.rsplit('.');
    let last = snake(keys.next().unwrap_or_default());
    let word = match keys.next() {
        Some(holder) if last.len() < 5 => format!("{}_{last}", snake(holder)),
        _ => last,
    };
    if word.is_empty() {
        "main".to_owned()
    } else {
        word
    }
}

fn snake(text: &str) -> String {
    let mut word = String::new();
    let mut lower = false;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && lower {
                word.push('_');
            }
            lower = !c.is_ascii_uppercase();
            word.push(c.to_ascii_lowercase());
        } else {
            lower = false;
            if !word.is_empty() && !word.ends_with('_') {
                word.push('_');
            }
        }
    }
    word.trim_end_matches('_').to_owned()
}
