//! Keys of a rule that its own format alone knows: a target that has no place for one names it, with where it stands, and what means
//! the same elsewhere is written there.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::analysis::Fidelity;
use rulec::backend::{self, Context, Templates, Translation};
use rulec::diagnostic::{Code, Diagnostics, Severity};
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::Sources;
use rulec::{Environment, export_with, import_with};

const PANTHER: &str = "AnalysisType: rule\nRuleID: A.B\nFilename: a.py\nEnabled: true\nLogTypes: [AWS.CloudTrail]\nSeverity: Low\n";
const PYTHON: &str = "def rule(event):\n    return event.get('eventName') == 'a'\n";
const SIGMA: &str = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: a}\n  condition: s\n";
const SENTINEL: &str = "id: 11111111-2222-3333-4444-555555555555\nname: T\ndescription: d\nseverity: Low\nrequiredDataConnectors: []\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\ntactics: []\nquery: |\n  AWSCloudTrail\n  | where EventName == \"a\"\ncustomDetails:\n  Region: AWSRegion\n  Who: UserIdentityUserName\nversion: 1.0.0\nkind: Scheduled\n";

/// The one rule of a text.
fn read(text: &str) -> Rule {
    let files: IndexMap<PathBuf, Vec<u8>> =
        [(PathBuf::from("a.py"), PYTHON.as_bytes().to_vec())].into();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rule.yml", text);
    let environment = Environment {
        loader: &files,
        memory: &Memory::default(),
        crosswalk: Crosswalk::builtin(),
        tuning: Tuning::none(),
    };
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}");
    normalize(found.rules.into_iter().next().unwrap())
}

fn write(rule: &Rule, target: &str) -> Translation {
    let templates = Templates::builtin();
    let context = Context::new(Crosswalk::builtin(), &templates);
    export_with(rule, backend::target(target).unwrap(), &context)
}

/// The text of the document.
fn text(translation: &Translation) -> &str {
    let is_document = |ending: &str| ["yml", "yaml"].contains(&ending);
    let mut artifacts = translation.artifacts.iter();
    let document = artifacts.find(|one| {
        let ending = one.path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(is_document)
    });
    &document.unwrap().text
}

/// The keys that a translation leaves out.
fn keys(translation: &Translation) -> Vec<&str> {
    let left_out = translation.report.left_out.iter();
    left_out.map(|one| one.key.as_str()).collect()
}

#[test]
fn what_a_target_has_no_place_for_is_named_with_its_place() {
    let panther = format!(
        "{PANTHER}OutputIds: [x]\nSummaryAttributes: [a]\nCreatedBy: me\nStatus: Beta\nReports: {{CIS: ['1.2']}}\nOwner: you\n"
    );
    let sigma = format!("{SIGMA}license: MIT\nrelated: []\ncustom: {{owner: you, version: '3'}}\n")
        .replace(
            "service: cloudtrail}",
            "service: cloudtrail, definition: on}",
        );
    let sentinel = format!(
        "{SENTINEL}eventGroupingSettings: {{aggregationKind: AlertPerResult}}\nsuppressionEnabled: true\nsuppressionDuration: 5h\nalertDetailsOverride: {{alertTacticsColumnName: T}}\nowner: you\n"
    );
    for (text, targets, wanted) in [
        (
            &panther,
            ["sentinel", "sigma"],
            ["OutputIds", "SummaryAttributes", "Reports", "Owner"].as_slice(),
        ),
        (
            &sigma,
            ["sentinel", "panther"],
            &["logsource.definition", "license", "related", "custom.owner"],
        ),
        (
            &sentinel,
            ["sigma", "panther"],
            &[
                "eventGroupingSettings",
                "suppressionEnabled",
                "suppressionDuration",
                "alertDetailsOverride.alertTacticsColumnName",
                "owner",
            ],
        ),
    ] {
        let rule = read(text);
        for target in targets {
            let translation = write(&rule, target);
            let mut found = keys(&translation);
            found.retain(|key| *key != "version");
            found.sort_unstable();
            let mut wanted = wanted.to_vec();
            wanted.sort_unstable();
            assert_eq!(found, wanted, "{target}");
            let report = &translation.report;
            let has_place = |key: &str| rule.preserved.places.of(key).0.is_some();
            assert!(wanted.iter().all(|key| has_place(key)), "{target}");
            let notes = report.diagnostics.iter();
            let mut notes = notes.filter(|one| one.code == Code::LeftOut);
            let note = notes.next().unwrap();
            assert_eq!(note.severity, Severity::Note);
            assert!(!note.labels.is_empty(), "{target}");
            assert!(
                wanted
                    .iter()
                    .all(|key| note.message.contains(key) || report.left_out.len() > wanted.len())
            );
            let constructs = report.constructs.iter();
            let mut inexact = constructs.filter(|one| one.fidelity == Fidelity::Unsupported);
            assert!(inexact.all(|one| !wanted.contains(&one.what.as_str())));
        }
        for target in ["native", rule.preserved.format.as_str()] {
            assert!(keys(&write(&rule, target)).is_empty(), "{target}");
        }
    }
    let panther = read(&panther);
    let own = write(&panther, "panther");
    for line in ["Status: Beta", "CreatedBy: me", "CIS:", "Owner: you"] {
        assert!(text(&own).contains(line), "{}", text(&own));
    }
    let sentinel = write(&panther, "sentinel");
    assert!(text(&sentinel).contains("Author: me"));
}

#[test]
fn a_refused_rule_leaves_nothing_out() {
    let text = format!("{PANTHER}OutputIds: [x]\n").replace("AWS.CloudTrail", "Nothing.Known");
    let translation = write(&read(&text), "sentinel");
    assert!(translation.artifacts.is_empty());
    assert!(keys(&translation).is_empty());
}

#[test]
fn a_match_without_an_alert_makes_no_incident() {
    let rule = read(&format!("{PANTHER}CreateAlert: false\n"));
    let translation = write(&rule, "sentinel");
    let written = text(&translation);
    assert!(
        written.contains("incidentConfiguration:\n  createIncident: false\n"),
        "{written}"
    );
    assert!(keys(&translation).is_empty());
    let back = read(written);
    assert!(back.metadata.silent);
    let panther = write(&back, "panther");
    assert!(text(&panther).contains("\nCreateAlert: false\n"));
    let sigma = write(&rule, "sigma");
    assert!(read(text(&sigma)).metadata.silent, "{}", text(&sigma));
    let own = write(&rule, "panther");
    assert_eq!(text(&own).matches("CreateAlert").count(), 1);
    let loud = write(&read(PANTHER), "sentinel");
    assert!(!text(&loud).contains("createIncident: false"));
}

#[test]
fn incidents_of_alerts_are_alerts_of_matches() {
    let grouped = |grouping: &str| {
        let text = format!(
            "{SENTINEL}alertDetailsOverride: {{alertDisplayNameFormat: 'by {{{{UserIdentityUserName}}}}'}}\nentityMappings:\n- entityType: IP\n  fieldMappings: [{{identifier: Address, columnName: SourceIpAddress}}]\nincidentConfiguration:\n  createIncident: true\n  groupingConfiguration: {{enabled: true, lookbackDuration: 2h, {grouping}}}\n"
        );
        read(&text)
    };
    for (grouping, dedup) in [
        (
            "matchingMethod: Selected, groupByCustomDetails: [Region, Who]",
            Some("awsRegion + \"-\" + userIdentity.userName"),
        ),
        (
            "matchingMethod: Selected, groupByEntities: [IP]",
            Some("sourceIPAddress"),
        ),
        ("matchingMethod: AllEntities", Some("sourceIPAddress")),
        ("matchingMethod: AnyAlert", Some("\"T\"")),
        (
            "matchingMethod: Selected, groupByAlertDetails: [DisplayName]",
            None,
        ),
    ] {
        let rule = grouped(grouping);
        let found = rule.alert.dedup.as_ref().map(ToString::to_string);
        assert_eq!(found.as_deref(), dedup, "{grouping}");
        assert_eq!(rule.dedup_window, Some(7_200), "{grouping}");
        let panther = write(&rule, "panther");
        assert!(text(&panther).contains("\nDedupPeriodMinutes: 120\n"));
        assert!(keys(&panther).iter().all(|key| *key == "version"));
    }
    // A detail that is not there, and a count that has groups of its own, stay Sentinel's.
    let unknown = grouped("matchingMethod: Selected, groupByCustomDetails: [Other]");
    assert_eq!(unknown.dedup_window, None);
    let whole = "incidentConfiguration.groupingConfiguration";
    assert!(keys(&write(&unknown, "panther")).contains(&whole));
    let reopened = grouped("matchingMethod: AllEntities, reopenClosedIncident: true");
    let inner = "incidentConfiguration.groupingConfiguration.reopenClosedIncident";
    assert!(keys(&write(&reopened, "panther")).contains(&inner));
}
