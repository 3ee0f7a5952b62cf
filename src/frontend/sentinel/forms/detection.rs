//! Custom detections of Defender: a query with its schedule, and what the alert says.

use serde_json::{Value, json};

use super::{Form, Found, at, below};
use crate::schema::AttackTable;
use crate::syntax::yaml::{Document, Entry, Step};

/// How often a detection runs, how far it looks back then, and each in the form of a rule's YAML.
const PERIODS: &[(&str, &str, &str)] = &[
    ("1H", "1h", "4h"),
    ("3H", "3h", "12h"),
    ("12H", "12h", "2d"),
    ("24H", "1d", "30d"),
];

/// Identifiers of impacted assets: the entity that they are of, its identifier, and the column with the value.
const ASSETS: &[(&str, &str, &str, &str)] = &[
    ("deviceName", "Host", "HostName", "DeviceName"),
    ("remoteDeviceName", "Host", "HostName", "RemoteDeviceName"),
    ("targetDeviceName", "Host", "HostName", "TargetDeviceName"),
    (
        "destinationDeviceName",
        "Host",
        "HostName",
        "DestinationDeviceName",
    ),
    ("accountObjectId", "Account", "AadUserId", "AccountObjectId"),
    ("accountSid", "Account", "Sid", "AccountSid"),
    ("accountUpn", "Account", "FullName", "AccountUpn"),
    ("accountName", "Account", "Name", "AccountName"),
    ("accountId", "Account", "Name", "AccountId"),
    (
        "initiatingProcessAccountSid",
        "Account",
        "Sid",
        "InitiatingProcessAccountSid",
    ),
    (
        "initiatingProcessAccountUpn",
        "Account",
        "FullName",
        "InitiatingProcessAccountUpn",
    ),
    (
        "initiatingAccountName",
        "Account",
        "Name",
        "InitiatingAccountName",
    ),
    (
        "initiatingProcessAccountObjectId",
        "Account",
        "AadUserId",
        "InitiatingProcessAccountObjectId",
    ),
    ("requestAccountSid", "Account", "Sid", "RequestAccountSid"),
    (
        "requestAccountName",
        "Account",
        "Name",
        "RequestAccountName",
    ),
    (
        "targetAccountUpn",
        "Account",
        "FullName",
        "TargetAccountUpn",
    ),
    (
        "recipientObjectId",
        "Account",
        "AadUserId",
        "RecipientObjectId",
    ),
    (
        "recipientEmailAddress",
        "Mailbox",
        "MailboxPrimaryAddress",
        "RecipientEmailAddress",
    ),
    (
        "senderFromAddress",
        "Mailbox",
        "MailboxPrimaryAddress",
        "SenderFromAddress",
    ),
    (
        "senderMailFromAddress",
        "Mailbox",
        "MailboxPrimaryAddress",
        "SenderMailFromAddress",
    ),
];

/// The way to what an alert says.
const ALERT: [&str; 2] = ["detectionAction", "alertTemplate"];

/// The detection at the path.
pub(super) fn read<'t>(document: &Document<'t>, whole: &Value, path: &[Step<'_>]) -> Found<'t> {
    let entry = |keys: &[&str]| {
        let entry = document.entry(whole, &below(path, keys))?;
        (!entry.value().is_null()).then_some(entry)
    };
    let alert = |key| entry(&[ALERT[0], ALERT[1], key]);
    let mut entries = Vec::new();
    entries.extend(
        entry(&["detectorId"])
            .or_else(|| entry(&["id"]))
            .map(|entry| entry.named("id")),
    );
    entries.extend(entry(&["displayName"]).map(|entry| entry.named("name")));
    entries.extend(alert("description"));
    entries.extend(alert("severity").map(capital));
    entries.extend(entry(&["isEnabled"]).map(|entry| entry.named("enabled")));
    entries.extend(
        entry(&["schedule", "period"])
            .into_iter()
            .flat_map(schedule),
    );
    entries.extend(alert("category").and_then(tactic));
    entries.extend(alert("mitreTechniques").map(|entry| entry.named("relevantTechniques")));
    let text = entry(&["queryCondition", "queryText"]);
    entries.extend(text.map(|entry| entry.named("query")));
    let mut left = Vec::new();
    if let Some(assets) = alert("impactedAssets") {
        let (mappings, all) = entities(assets.value());
        if !all {
            let place = below(path, &[ALERT[0], ALERT[1], "impactedAssets"]);
            left.push(("impactedAssets".to_owned(), document.key_span(&place)));
        }
        entries.extend(mappings.map(|value| assets.named("entityMappings").holding(value)));
    }
    if let Some(title) = alert("title") {
        let value = json!({"alertDisplayNameFormat": title.value()});
        entries.push(title.named("alertDetailsOverride").holding(value));
    }
    for keys in [
        &[ALERT[0], ALERT[1], "recommendedActions"][..],
        &[ALERT[0], "responseActions"],
    ] {
        let here = below(path, keys);
        let some = at(whole, &here).is_some_and(|value| !value.is_null() && *value != json!([]));
        if let Some(name) = keys.last().filter(|_| some) {
            left.push(((*name).to_owned(), document.key_span(&here)));
        }
    }
    Found {
        yaml: document.assembled(path, entries),
        form: Form::Detection,
        left,
    }
}

/// A severity with a capital.
fn capital(entry: Entry) -> Entry {
    let text = entry.value().as_str().unwrap_or_default().to_owned();
    let mut chars = text.chars();
    let capital = chars.next().map(|first| first.to_ascii_uppercase());
    let word: String = capital.into_iter().chain(chars).collect();
    entry.holding(Value::String(word))
}

/// A period as kind, frequency and look-back; `0` is near real time.
fn schedule(entry: Entry) -> Vec<Entry> {
    let period = super::super::document::plain(entry.value());
    let kind = |kind: &str| entry.clone().named("kind").holding(kind.into());
    if period == "0" {
        return vec![kind("NRT")];
    }
    let known = PERIODS
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(&period));
    let Some((_, frequency, look_back)) = known else {
        // What is no period is said by the reader of durations.
        return vec![kind("Scheduled"), entry.named("queryFrequency")];
    };
    vec![
        kind("Scheduled"),
        entry
            .clone()
            .named("queryFrequency")
            .holding((*frequency).into()),
        entry
            .clone()
            .named("queryPeriod")
            .holding((*look_back).into()),
        entry.clone().named("triggerOperator").holding("gt".into()),
        entry.named("triggerThreshold").holding(0.into()),
    ]
}

/// A category that is a tactic; others have no counterpart.
fn tactic(entry: Entry) -> Option<Entry> {
    let word = AttackTable::builtin().tactic_named(entry.value().as_str()?)?;
    let value = json!([word.sentinel]);
    Some(entry.named("tactics").holding(value))
}

/// The assets as entity mappings, and whether all of them are there.
fn entities(assets: &Value) -> (Option<Value>, bool) {
    let mut mappings: Vec<Value> = Vec::new();
    let mut all = true;
    for asset in assets.as_array().into_iter().flatten() {
        let name = asset.get("identifier").and_then(Value::as_str);
        let known = ASSETS.iter().find(|(known, ..)| Some(*known) == name);
        let Some((_, entity, identifier, column)) = known else {
            all = false;
            continue;
        };
        mappings.push(json!({
            "entityType": entity,
            "fieldMappings": [{"identifier": identifier, "columnName": column}],
        }));
    }
    (
        (!mappings.is_empty()).then_some(Value::Array(mappings)),
        all,
    )
}
