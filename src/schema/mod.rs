//! Log sources and their field crosswalk, and the ATT&CK table: the facts that translation needs and the IR does not carry.
//!
//! A canonical field is the vendor's own event path. A [`LogSourceMap`] says what the source is called in each system, and under
//! which column, of which type, a field is found there. The data is YAML under `schemas/`, one file per log source, embedded in
//! the binary and checked by the loader's tests; nothing about a source stands in Rust.

mod attack;
mod attack_version;
mod choice;
mod file;
mod json_text;
pub mod kusto;
mod log_source;
mod made;
pub mod rows;
mod rule_out;
pub mod sigma;
mod spelling;
mod steps;
mod table;
mod typed;

pub use attack::{AttackTable, Tactic, Technique, is_industrial_tactic, is_industrial_technique};
pub use attack_version::{InVersion, in_version, technique_in};
pub use file::{Key, Problem, SchemaKind, lint};
pub use log_source::{
    EVENT_TIME, FieldMap, FieldType, INTEGRATION, LOG_TYPE, LogSourceMap, Named, SigmaSource,
    TableName, is_enrichment,
};
pub use made::Made;
pub use spelling::{Ambiguous, Spellings};
pub use table::{Access, Besides, Column, ColumnTexts, ColumnType, Direction, TableMap};

use std::sync::{Arc, OnceLock};

use crate::diagnostic::Diagnostics;
use crate::ir::{Condition, LogSource};
use crate::source::SourceId;

/// The embedded log source files.
const FILES: &[&str] = &[
    include_str!("../../schemas/aws.cloudtrail.yml"),
    include_str!("../../schemas/auth0.events.yml"),
    include_str!("../../schemas/aws.guardduty.yml"),
    include_str!("../../schemas/aws.vpcflow.yml"),
    include_str!("../../schemas/azure.activity.yml"),
    include_str!("../../schemas/azure.audit.yml"),
    include_str!("../../schemas/azure.riskdetection.yml"),
    include_str!("../../schemas/azure.signin.yml"),
    include_str!("../../schemas/box.events.yml"),
    include_str!("../../schemas/cloudflare.http.yml"),
    include_str!("../../schemas/crowdstrike.fdr.yml"),
    include_str!("../../schemas/dns.query.yml"),
    include_str!("../../schemas/duo.authentication.yml"),
    include_str!("../../schemas/gcp.audit.yml"),
    include_str!("../../schemas/github.audit.yml"),
    include_str!("../../schemas/google_workspace.yml"),
    include_str!("../../schemas/k8s.audit.yml"),
    include_str!("../../schemas/m365.audit.yml"),
    include_str!("../../schemas/network.firewall.yml"),
    include_str!("../../schemas/okta.system.yml"),
    include_str!("../../schemas/onelogin.events.yml"),
    include_str!("../../schemas/onepassword.signin.yml"),
    include_str!("../../schemas/salesforce.realtime.yml"),
    include_str!("../../schemas/slack.audit.yml"),
    include_str!("../../schemas/snowflake.yml"),
    include_str!("../../schemas/web.proxy.yml"),
    include_str!("../../schemas/web.server.yml"),
    include_str!("../../schemas/windows.create_remote_thread.yml"),
    include_str!("../../schemas/windows.create_stream_hash.yml"),
    include_str!("../../schemas/windows.dns_query.yml"),
    include_str!("../../schemas/windows.driver_load.yml"),
    include_str!("../../schemas/windows.event_log.yml"),
    include_str!("../../schemas/windows.file_change.yml"),
    include_str!("../../schemas/windows.file_delete.yml"),
    include_str!("../../schemas/windows.file_event.yml"),
    include_str!("../../schemas/windows.file_executable_detected.yml"),
    include_str!("../../schemas/windows.image_load.yml"),
    include_str!("../../schemas/windows.network_connection.yml"),
    include_str!("../../schemas/windows.pipe_created.yml"),
    include_str!("../../schemas/windows.process_access.yml"),
    include_str!("../../schemas/windows.process_creation.yml"),
    include_str!("../../schemas/windows.process_tampering.yml"),
    include_str!("../../schemas/windows.process_termination.yml"),
    include_str!("../../schemas/windows.raw_access_thread.yml"),
    include_str!("../../schemas/windows.registry.yml"),
    include_str!("../../schemas/windows.security.yml"),
    include_str!("../../schemas/windows.wmi_event.yml"),
    include_str!("../../schemas/zendesk.audit.yml"),
    include_str!("../../schemas/zoom.operation.yml"),
    // Their tables are those of Windows, as which a query over one of them is read.
    include_str!("../../schemas/linux.file_event.yml"),
    include_str!("../../schemas/linux.network_connection.yml"),
    include_str!("../../schemas/linux.process_creation.yml"),
    include_str!("../../schemas/linux.syslog.yml"),
    include_str!("../../schemas/macos.file_event.yml"),
    include_str!("../../schemas/macos.network_connection.yml"),
    include_str!("../../schemas/macos.process_creation.yml"),
];

/// Every log source that is known.
#[derive(Clone, Debug, Default)]
pub struct Crosswalk {
    sources: Vec<Arc<LogSourceMap>>,
}

impl Crosswalk {
    /// The log sources that ship with rulec. Read once; the files are checked by tests, so that a file that cannot be read is
    /// left out rather than ending the program.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Crosswalk> = OnceLock::new();
        BUILTIN.get_or_init(Self::shipped)
    }

    /// The same, read anew.
    pub fn shipped() -> Self {
        let sources = FILES.iter().filter_map(|text| file::read(*text).ok());
        Self {
            sources: sources.map(Arc::new).collect(),
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
        let mut sources: Vec<Arc<LogSourceMap>> =
            layers.sources().into_iter().map(Arc::new).collect();
        // The caller's stand first, so that a name that a shipped source has as well is theirs.
        let is_new = |source: &&Arc<LogSourceMap>| sources.iter().all(|own| own.id != source.id);
        let shipped: Vec<_> = builtin.sources.iter().filter(is_new).cloned().collect();
        sources.extend(shipped);
        (Self { sources }, diagnostics)
    }

    /// Every source, in the order of the files.
    pub fn sources(&self) -> &[Arc<LogSourceMap>] {
        &self.sources
    }

    /// The source with this id.
    pub fn get(&self, id: &str) -> Option<&LogSourceMap> {
        let mut sources = self.sources.iter().map(|source| &**source);
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
        let mut sources = self.sources.iter().map(|source| &**source);
        sources.find(|source| source.log_types().any(|name| name == log_type))
    }

    /// The sources that share this log type, each having the events that a field tells.
    pub fn parts_of_log_type<'c>(
        &'c self,
        log_type: &'c str,
    ) -> impl Iterator<Item = &'c LogSourceMap> {
        let sources = self.sources.iter().map(|source| &**source);
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
        let mut sources = self.sources.iter().map(|source| &**source);
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
        let holders = self.sources.iter().filter(|source| {
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
        let ranked = self
            .sources
            .iter()
            .filter_map(|source| Some((rank(source)?, source)));
        ranked
            .min_by_key(|(rank, _)| *rank)
            .map(|(_, source)| source)
    }

    /// The source that this Sigma log source names whole or in part, and the name.
    pub fn by_sigma(&self, wanted: &SigmaSource) -> Option<(&LogSourceMap, &Named<SigmaSource>)> {
        self.sources.iter().find_map(|source| {
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
    use crate::ir::FieldPath;

    #[test]
    fn every_shipped_file_is_valid() {
        let mut wrong = Vec::new();
        for text in FILES {
            let source = file::read(*text).unwrap();
            let problems = source.problems().into_iter();
            wrong.extend(problems.map(|problem| {
                let place = problem.place;
                format!("{}: {place:?}: {}", source.id, problem.message)
            }));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(Crosswalk::builtin().sources().len(), FILES.len());
    }

    #[test]
    fn a_name_belongs_to_one_source() {
        let mut names = std::collections::BTreeMap::new();
        for source in Crosswalk::builtin().sources() {
            let tables = source.table_names.iter().find(|table| table.whole);
            let own = std::iter::once(format!("id {}", source.id))
                .chain(source.log_types().map(|name| format!("log type {name}")))
                .chain(tables.iter().map(|table| format!("table {}", table.name)))
                .chain(source.sigma.iter().map(|named| format!("{:?}", named.name)));
            for name in own {
                let before = names.insert(name.clone(), &source.id);
                assert_eq!(before, None, "{name}");
            }
        }
    }

    #[test]
    fn a_field_is_reached_by_its_column_or_below_its_holder() {
        let (source, table) = Crosswalk::builtin().by_table("AWSCloudTrail").unwrap();
        let path = |text: &str| FieldPath::parse(text).unwrap();
        assert!(
            matches!(table.access(&path("userIdentity.type")), Access::Column(column) if column.name == "UserIdentityType")
        );
        let deep = path("requestParameters.policyName");
        assert!(
            matches!(table.access(&deep), Access::Below(column, steps) if column.name == "RequestParameters" && steps.len() == 1)
        );
        assert!(matches!(
            table.access(&path("userIdentity")),
            Access::Parts(_)
        ));
        assert_eq!(table.access(&path("noSuchField")), Access::Unmapped);
        assert_eq!(source.canonical(&path("EVENTNAME")), path("eventName"));
        assert_eq!(
            source.canonical(&path("requestparameters.Foo")),
            path("requestParameters.Foo")
        );
    }
}
