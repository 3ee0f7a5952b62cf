//! Log sources and their field crosswalk, and the ATT&CK table: the facts that translation needs and the IR does not carry.
//!
//! A canonical field is the vendor's own event path. A [`LogSourceMap`] says what the source is called in each system, and under
//! which column, of which type, a field is found there. The data is YAML under `schemas/`, one file per log source, embedded in
//! the binary and checked by the loader's tests; nothing about a source stands in Rust.

mod attack;
mod attack_version;
mod choice;
mod crosswalk;
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
pub use crosswalk::{Crosswalk, KnownTable};
pub use file::{Key, Problem, SchemaKind, lint};
pub use log_source::{
    EVENT_TIME, FieldMap, FieldType, INTEGRATION, LOG_TYPE, LogSourceMap, Named, SigmaSource,
    TableName, is_enrichment,
};
pub use made::Made;
pub use spelling::{Ambiguous, Spellings};
pub use table::{Access, Besides, Column, ColumnTexts, ColumnType, Direction, TableMap};

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
        assert_eq!(Crosswalk::builtin().sources().count(), FILES.len());
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
