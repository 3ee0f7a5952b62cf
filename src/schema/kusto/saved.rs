//! The functions that solutions save in a workspace, and ASIM's parsers: a line of `saved-functions.txt` to a signature.

use crate::syntax::kql::ast::ScalarType;

/// A parameter of a saved function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedParameter {
    /// The name.
    pub name: &'static str,
    /// The type; `None` for a table.
    pub kind: Option<ScalarType>,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A saved function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFunction {
    /// The parameters.
    pub parameters: Vec<SavedParameter>,
    /// The type of its result; `None` for a table of any columns.
    pub result: Option<ScalarType>,
}

/// All saved functions, by name.
#[derive(Debug, Default)]
pub(super) struct Saved {
    lines: Vec<(&'static str, &'static str)>,
    lists: Vec<&'static str>,
}

impl Saved {
    pub(super) fn read(text: &'static str) -> Self {
        let mut saved = Self::default();
        for line in super::lines(text) {
            let (name, rest) = line.split_once('\t').unwrap_or((line, ""));
            if name.starts_with('&') {
                saved.lists.push(rest);
            } else {
                saved.lines.push((name, rest));
            }
        }
        saved
    }

    pub(super) fn get(&self, name: &str) -> Option<SavedFunction> {
        let at = self
            .lines
            .binary_search_by(|(known, _)| (*known).cmp(name))
            .ok()?;
        let (_, rest) = self.lines.get(at)?;
        let (list, result) = rest.split_once("\t-> ").unwrap_or((rest, ""));
        let list = match list.strip_prefix('&') {
            Some(number) => self
                .lists
                .get(number.parse::<usize>().ok()?.checked_sub(1)?)?,
            None => list,
        };
        Some(SavedFunction {
            parameters: parameters(list)?,
            result: ScalarType::from_name(result),
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.lines.iter().map(|(name, _)| *name)
    }
}

fn parameters(list: &'static str) -> Option<Vec<SavedParameter>> {
    let inner = list.strip_prefix('(')?.strip_suffix(')')?;
    let parts = inner.split(", ").filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, kind) = part.split_once(':')?;
            let kind_name = kind.trim_end_matches('?');
            let scalar = ScalarType::from_name(kind_name);
            (scalar.is_some() || kind_name.starts_with('(')).then_some(SavedParameter {
                name,
                kind: scalar,
                optional: kind.ends_with('?'),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::SAVED;
    use super::*;

    #[test]
    fn every_line_is_read_and_stands_in_order() {
        let saved = Saved::read(SAVED);
        assert_eq!(saved.lines.len(), 1107);
        assert!(saved.lines.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for name in saved.names() {
            assert!(saved.get(name).is_some(), "{name}");
        }
        let watchlist = saved.get("_GetWatchlist").unwrap();
        assert_eq!(watchlist.parameters[0].name, "watchlistAlias");
        assert_eq!(saved.get("NoSuchFunction"), None);
    }
}
