//! Every log source that is known, and which of them a name of any system means.
//!
//! A run names a few sources of many, so that a file is read when a name is looked for that its head has: a head that does not
//! have the name's letters cannot give it to its source. Invariant: no head spells a name with escapes; a test holds the names of
//! all shipped files against it.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::log_source::{LogSourceMap, Named, SigmaSource};
use super::table::TableMap;
use super::{FILES, file};
use crate::diagnostic::Diagnostics;
use crate::ir::{Condition, LogSource};
use crate::source::SourceId;

/// Every log source that is known.
#[derive(Clone, Debug, Default)]
pub struct Crosswalk {
    entries: Vec<Arc<Entry>>,
    /// The entries that may have a name, by the name: rules ask for the same few again and again.
    having: Arc<RwLock<FxHashMap<String, Arc<[usize]>>>>,
}

/// A log source whose file is read when it is asked for.
#[derive(Debug)]
struct Entry {
    /// The text of its file; none of a source that is read.
    text: &'static str,
    /// Nothing where the file cannot be read.
    source: OnceLock<Option<Arc<LogSourceMap>>>,
}

impl Entry {
    fn shipped(text: &'static str) -> Self {
        Self {
            text,
            source: OnceLock::new(),
        }
    }

    fn read(source: LogSourceMap) -> Self {
        Self {
            text: "",
            source: OnceLock::from(Some(Arc::new(source))),
        }
    }

    fn source(&self) -> Option<&Arc<LogSourceMap>> {
        let read = || file::read(self.text).ok().map(Arc::new);
        self.source.get_or_init(read).as_ref()
    }

    fn may_have(&self, name: &str) -> bool {
        self.text.is_empty() || file::head(self.text).contains(name)
    }
}

impl Crosswalk {
    /// The log sources that ship with rulec. The files are checked by tests, so that a file that cannot be read is left out rather
    /// than ending the program.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Crosswalk> = OnceLock::new();
        BUILTIN.get_or_init(Self::shipped)
    }

    /// The same, to be read anew.
    pub fn shipped() -> Self {
        let entries = FILES.iter().map(|text| Entry::shipped(text));
        Self {
            entries: entries.map(Arc::new).collect(),
            ..Self::default()
        }
    }

    /// The shipped log sources under those of the caller's files, and what is wrong with the files. A file is a source of its own,
    /// or with `extends: builtin` what is to be said otherwise of a known one; of several that extend one source the last wins.
    pub fn with_files<'t>(
        files: impl IntoIterator<Item = (SourceId, &'t str)>,
    ) -> (Self, Diagnostics) {
        let builtin = Self::builtin();
        let (mut layers, mut diagnostics) = (file::Layers::default(), Diagnostics::new());
        for (id, text) in files {
            let shipped = |id: &str| builtin.get(id).map(|source| &*source.text);
            layers.add(id, text, shipped, &mut diagnostics);
        }
        let own = layers.sources();
        let replaced = own.iter().flat_map(|own| {
            let same = |at: &usize| {
                let source = builtin.entries[*at].source();
                source.is_some_and(|source| source.id == own.id)
            };
            let at = builtin.at(&own.id);
            at.iter().copied().filter(same).collect::<Vec<_>>()
        });
        let replaced: Vec<usize> = replaced.collect();
        let shipped = builtin.entries.iter().enumerate();
        let kept = shipped.filter(|(at, _)| !replaced.contains(at));
        let kept: Vec<Arc<Entry>> = kept.map(|(_, entry)| Arc::clone(entry)).collect();
        // The caller's stand first, so that a name that a shipped source has as well is theirs.
        let own = own.into_iter().map(|own| Arc::new(Entry::read(own)));
        let crosswalk = Self {
            entries: own.chain(kept).collect(),
            ..Self::default()
        };
        (crosswalk, diagnostics)
    }

    /// Every source, in the order of the files.
    pub fn sources(&self) -> impl Iterator<Item = &LogSourceMap> {
        let sources = self.entries.iter().filter_map(|entry| entry.source());
        sources.map(|source| &**source)
    }

    /// The entries that may have the name.
    fn at(&self, name: &str) -> Arc<[usize]> {
        let known = self.having.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name) {
            return Arc::clone(known);
        }
        drop(known);
        let entries = self.entries.iter().enumerate();
        let having = entries.filter(|(_, entry)| entry.may_have(name));
        let found: Arc<[usize]> = having.map(|(at, _)| at).collect();
        let mut known = self.having.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), Arc::clone(&found));
        found
    }

    /// The sources that may have the name, in the order of the files.
    fn having(&self, name: &str) -> impl Iterator<Item = &Arc<LogSourceMap>> {
        let found = self.at(name);
        (0..found.len()).filter_map(move |number| self.entries[found[number]].source())
    }

    /// The source with this id.
    pub fn get(&self, id: &str) -> Option<&LogSourceMap> {
        let mut sources = self.having(id).map(|source| &**source);
        sources.find(|source| source.id == id)
    }

    /// The map of a rule's source; `None` where it is not known.
    pub fn of(&self, source: &LogSource) -> Option<&LogSourceMap> {
        match source {
            LogSource::Known(name) => self.get(&name.id),
            LogSource::Resource { .. } | LogSource::Unknown { .. } => None,
        }
    }

    /// The Sentinel table that a rule's source names; the preferred one where it names none.
    pub fn table_of(&self, source: &LogSource) -> Option<&TableMap> {
        let LogSource::Known(name) = source else {
            return None;
        };
        let map = self.get(&name.id)?;
        match &name.table {
            Some(table) => map.table(table),
            None => map.preferred_table(),
        }
    }

    /// The source that Panther calls by this log type.
    pub fn by_log_type(&self, log_type: &str) -> Option<&LogSourceMap> {
        let mut sources = self.having(log_type).map(|source| &**source);
        sources.find(|source| source.log_types().any(|name| name == log_type))
    }

    /// The sources that share this log type, each having the events that a field tells.
    pub fn parts_of_log_type<'c>(
        &'c self,
        log_type: &'c str,
    ) -> impl Iterator<Item = &'c LogSourceMap> {
        let sources = self.having(log_type).map(|source| &**source);
        sources.filter(move |source| {
            let mut names = source.panther.iter();
            names.any(|named| named.name == log_type && !named.only.is_empty())
        })
    }

    /// The source that the condition tells from the others under a log type.
    pub fn by_part_of_log_type(
        &self,
        log_type: &str,
        condition: &Condition,
    ) -> Option<&LogSourceMap> {
        let mut sources = self.having(log_type).map(|source| &**source);
        sources.find(|source| {
            let mut names = source.panther.iter();
            names.any(|named| {
                named.name == log_type && !named.only.is_empty() && named.is_implied(condition)
            })
        })
    }

    /// The source that has all of the events in this Sentinel table, with the table.
    pub fn by_table(&self, table: &str) -> Option<(&LogSourceMap, &TableMap)> {
        let source = self.holder(table)?;
        Some((source, source.table(table)?))
    }

    /// The same, held apart from the crosswalk.
    pub fn known_table(&self, table: &str) -> Option<KnownTable> {
        KnownTable::of(self.holder(table)?, table)
    }

    /// The source that has those events in this Sentinel table for which the condition on its columns holds, with the table: of
    /// several the one that is told by most columns and fewest values, and none where that is not one.
    pub fn part_of_table(&self, table: &str, condition: &Condition) -> Option<KnownTable> {
        let holders = self.having(table).filter(|source| {
            let mut names = source.table_names.iter();
            names.any(|known| known.name == table && !known.whole)
        });
        let parts = holders.filter_map(|source| {
            let part = KnownTable::of(source, table)?;
            part.table().is_part_of(condition).then_some(part)
        });
        let mut parts: Vec<KnownTable> = parts.collect();
        let rank = |part: &KnownTable| {
            let only = &part.table().only;
            let values: usize = only.iter().map(|(_, values)| values.len()).sum();
            (std::cmp::Reverse(only.len()), values)
        };
        parts.sort_by_key(rank);
        // What several sources claim alike is told by something else than these columns.
        let claimed = parts
            .get(1)
            .is_some_and(|second| rank(second) == rank(&parts[0]));
        parts.into_iter().next().filter(|_| !claimed)
    }

    /// The source that the table is all of: the one that prefers it, else one whose events need no field to be told apart.
    fn holder(&self, table: &str) -> Option<&Arc<LogSourceMap>> {
        let rank = |source: &LogSourceMap| {
            let whole = || source.table_names.iter().filter(|name| name.whole);
            let named = whole().find(|name| name.name == table)?;
            let preferred = whole().next().is_some_and(|first| first.name == table);
            Some((!preferred, named.told))
        };
        let sources = self.having(table);
        let ranked = sources.filter_map(|source| Some((rank(source)?, source)));
        ranked
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, source)| source)
    }

    /// The source that this Sigma log source names whole or in part, and the name.
    pub fn by_sigma(&self, wanted: &SigmaSource) -> Option<(&LogSourceMap, &Named<SigmaSource>)> {
        let parts = [&wanted.service, &wanted.category, &wanted.product];
        let word = parts.into_iter().flatten().next();
        let mut sources = self.having(word.map_or("", String::as_str));
        sources.find_map(|source| {
            let named = source.sigma.iter().find(|named| named.name == *wanted)?;
            Some((&**source, named))
        })
    }
}

/// A table of a log source, held together with it.
#[derive(Clone, Debug)]
pub struct KnownTable {
    source: Arc<LogSourceMap>,
    at: usize,
}

impl KnownTable {
    fn of(source: &Arc<LogSourceMap>, table: &str) -> Option<Self> {
        let mut tables = source.tables().iter();
        let at = tables.position(|known| known.name == table)?;
        let source = Arc::clone(source);
        Some(Self { source, at })
    }

    /// The log source.
    pub fn source(&self) -> &LogSourceMap {
        &self.source
    }

    /// The table.
    pub fn table(&self) -> &TableMap {
        &self.source.tables()[self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_every_name_of_its_source_letter_by_letter() {
        for entry in &Crosswalk::builtin().entries {
            let source = entry.source().unwrap();
            let tables = source.table_names.iter().map(|table| &table.name);
            let panther = source.panther.iter().map(|named| &named.name);
            let sigma = source.sigma.iter().flat_map(|named| {
                let SigmaSource {
                    product,
                    category,
                    service,
                } = &named.name;
                [product, category, service].into_iter().flatten()
            });
            let names = std::iter::once(&source.id)
                .chain(tables)
                .chain(panther)
                .chain(sigma);
            for name in names {
                assert!(entry.may_have(name), "{name} in {}", source.id);
            }
        }
    }
}
