//! The detection model: searches made of maps of items, and the condition tree over them.
//!
//! Items of one `all` stand in one map as long as their keys differ; alternatives stand in one list of maps; values of one key
//! stand in one list. Everything else stays a tree, which `layout` writes as a condition over named searches.

/// The modifiers and values of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The field's name.
    pub(super) field: String,
    /// The modifiers, in order.
    pub(super) modifiers: Vec<&'static str>,
    /// The values, as finished YAML scalars.
    pub(super) values: Vec<String>,
    /// A value as a person would call it, for the names of searches.
    pub(super) label: String,
}

/// Items that must all hold.
pub(super) type Map = Vec<Item>;

/// A condition over searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Maps of which one must hold; never empty.
    Search(Vec<Map>),
    /// Every part; at least two.
    All(Vec<Node>),
    /// Some part; at least two.
    Any(Vec<Node>),
    /// Not the part.
    Not(Box<Node>),
}

impl Item {
    /// An item with one value.
    pub(super) fn one(field: &str, modifiers: &[&'static str], value: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            modifiers: modifiers.to_vec(),
            values: vec![value.into()],
            label: String::new(),
        }
    }

    /// The key, as it is written.
    pub(super) fn key(&self) -> String {
        let mut key = self.field.clone();
        for modifier in &self.modifiers {
            key.push('|');
            key.push_str(modifier);
        }
        key
    }

    /// Whether it is a search over the whole event.
    pub(super) fn is_keyword(&self) -> bool {
        self.field.is_empty()
    }

    /// Whether more values may stand beside this one's: `null` and `exists` stand alone, and `all` means something else.
    fn is_list(&self) -> bool {
        !self.values.iter().any(|value| value == "null")
            && !self.modifiers.contains(&"exists")
            && !self.modifiers.contains(&"all")
    }

    fn same_key(&self, other: &Self) -> bool {
        self.field == other.field && self.modifiers == other.modifiers
    }
}

impl Node {
    /// A search of one item.
    pub(super) fn item(item: Item) -> Self {
        Self::Search(vec![vec![item]])
    }

    /// All of the parts.
    pub(super) fn all(parts: Vec<Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for part in parts {
            let inner = match part {
                Self::All(inner) => inner,
                other => vec![other],
            };
            for part in inner {
                let rest = match part {
                    Self::Search(maps) if maps.len() == 1 => join(&mut kept, maps),
                    other => Some(other),
                };
                kept.extend(rest);
            }
        }
        one_or(kept, Self::All)
    }

    /// Any of the parts.
    pub(super) fn any(parts: Vec<Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for part in parts {
            let inner = match part {
                Self::Any(inner) => inner,
                other => vec![other],
            };
            for part in inner {
                let first = kept.iter_mut().find_map(|node| match node {
                    Self::Search(maps) => Some(maps),
                    _ => None,
                });
                match (part, first) {
                    (Self::Search(maps), Some(first)) => add_alternatives(first, maps),
                    (other, _) => kept.push(other),
                }
            }
        }
        one_or(kept, Self::Any)
    }

    /// Not this.
    pub(super) fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::Search(mut maps) => match maps.as_mut_slice() {
                [map] if map.len() == 1 && map[0].modifiers == ["exists"] => {
                    let there = map[0].values == ["true"];
                    map[0].values = vec![(!there).to_string()];
                    Self::Search(maps)
                }
                _ => Self::Not(Box::new(Self::Search(maps))),
            },
            other => Self::Not(Box::new(other)),
        }
    }
}

fn one_or(mut parts: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        join(parts)
    }
}

/// Puts a map's items into the first map of the parts, where no key would stand twice; else gives the map back.
fn join(kept: &mut [Node], mut maps: Vec<Map>) -> Option<Node> {
    let first = kept.iter_mut().find_map(|node| match node {
        Node::Search(maps) if maps.len() == 1 => maps.first_mut(),
        _ => None,
    });
    let Some(first) = first else {
        return Some(Node::Search(maps));
    };
    // Keywords stand in lists of their own.
    let has_keywords = |map: &Map| map.iter().any(Item::is_keyword);
    if has_keywords(first) != maps.iter().any(has_keywords) {
        return Some(Node::Search(maps));
    }
    let map = maps.pop()?;
    let mut joined = first.clone();
    for item in &map {
        let old = joined.iter_mut().find(|old| {
            old.field == item.field && without_all(&old.modifiers) == without_all(&item.modifiers)
        });
        match old {
            None => joined.push(item.clone()),
            Some(old) if contains_all(old, item) => {
                old.modifiers = with_all(&item.modifiers);
                old.values.extend(item.values.iter().cloned());
            }
            Some(old) if old == item => {}
            Some(_) => return Some(Node::Search(vec![map])),
        }
    }
    *first = joined;
    None
}

fn without_all(modifiers: &[&'static str]) -> Vec<&'static str> {
    modifiers
        .iter()
        .copied()
        .filter(|modifier| *modifier != "all")
        .collect()
}

fn with_all(modifiers: &[&'static str]) -> Vec<&'static str> {
    let mut all = without_all(modifiers);
    all.insert(all.len().min(1), "all");
    all
}

/// Whether both items can stand in one `contains|all`.
fn contains_all(old: &Item, new: &Item) -> bool {
    let each_holds = |item: &Item| item.values.len() == 1 || item.modifiers.contains(&"all");
    let is_part = match without_all(&old.modifiers).first() {
        Some(first) => *first == "contains",
        None => old.is_keyword(),
    };
    is_part && each_holds(old) && each_holds(new)
}

/// Adds alternatives; values of the same key alone in its map join its list.
fn add_alternatives(maps: &mut Vec<Map>, more: Vec<Map>) {
    for map in more {
        let old = match map.as_slice() {
            [item] if item.is_list() => maps.iter_mut().find_map(|old| match old.as_mut_slice() {
                [old] if old.same_key(item) && old.is_list() => Some(old),
                _ => None,
            }),
            _ => None,
        };
        match old {
            Some(old) => old
                .values
                .extend(map.into_iter().flat_map(|item| item.values)),
            None => maps.push(map),
        }
    }
}
