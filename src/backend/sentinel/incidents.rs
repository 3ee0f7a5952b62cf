//! How alerts become incidents: what the source puts into one alert for its dedup text stands in one incident.
//!
//! The text is that of the alert's title, which an incident can be grouped by as it is, or one of its own, for which the values in
//! it become custom details. Alerts of another text are another incident; without a text all alerts of the rule are one. A rule
//! whose source knows no such texts has no such key, and Sentinel then makes an incident of each alert.

use std::time::Duration;

use serde::Serialize;

use super::super::kusto::{self, Piece, Query};
use super::shown::{Line, Mapped, detail_of};
use crate::analysis::{Fidelity, Report};
use crate::ir::{Rule, Term, duration};

/// How far back Sentinel looks for an incident of the same alerts.
const SHORTEST: Duration = Duration::from_secs(5 * 60);
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The keys of `incidentConfiguration` that differ from rule to rule.
#[derive(Serialize)]
pub(super) struct Incidents {
    /// How far back an incident of the same alerts is looked for.
    window: String,
    /// `AnyAlert`: one incident for all alerts of the rule; `Selected`: one for those that have the following in common.
    method: &'static str,
    alert_details: Vec<&'static str>,
    custom_details: Vec<String>,
}

/// What alerts have in common that stand in one incident.
enum Common {
    /// The rule.
    Rule,
    /// The title.
    Title,
    /// The values of custom details.
    Details(Vec<String>),
}

/// How the alerts of the rule are put together; the details that alerts are grouped by are added where they are none yet.
pub(super) fn of(
    rule: &Rule,
    query: &Query<'_>,
    shown: &[Line],
    details: &mut Vec<Mapped>,
    report: &mut Report,
) -> Option<Incidents> {
    let wanted = Duration::from_secs(rule.dedup_window?);
    let origin = rule.alert.origins.dedup.or(rule.origin);
    let what = "dedup";
    let Some(common) = common(rule, query, shown, details) else {
        let reason = "a value that alerts are put together by is no custom detail, so that each alert is an incident";
        report.record_shown(Fidelity::Narrower, what, origin, reason);
        return None;
    };
    let window = wanted.clamp(SHORTEST, LONGEST);
    if window != wanted {
        let reason = format!(
            "alerts of {} stand in one incident, the source puts those of {} together",
            duration(window),
            duration(wanted)
        );
        report.record_shown(Fidelity::Narrower, what, origin, reason);
    } else if rule.alert.dedup.is_some() {
        report.record_shown(Fidelity::Exact, what, origin, "");
    }
    let (method, alert_details, custom_details) = match common {
        Common::Rule => ("AnyAlert", Vec::new(), Vec::new()),
        Common::Title => ("Selected", vec!["DisplayName"], Vec::new()),
        Common::Details(names) => ("Selected", Vec::new(), names),
    };
    Some(Incidents {
        window: duration(window),
        method,
        alert_details,
        custom_details,
    })
}

fn common(
    rule: &Rule,
    query: &Query<'_>,
    shown: &[Line],
    details: &mut Vec<Mapped>,
) -> Option<Common> {
    let alert = &rule.alert;
    let is_title = alert.dedup.is_none() || alert.dedup == alert.title;
    let Some(text) = alert.dedup.as_ref().or(alert.title.as_ref()) else {
        return Some(Common::Rule);
    };
    if matches!(text, Term::Literal(_)) {
        return Some(Common::Rule);
    }
    if is_title {
        return shown
            .iter()
            .any(Line::is_whole_title)
            .then_some(Common::Title);
    }
    let mut names = Vec::new();
    for piece in kusto::pieces(text) {
        if let Piece::Value(term) = piece {
            let name = detail_of(details, &query.column(&term)?)?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    Some(Common::Details(names))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{call, document, emit, equals, field, rule};
    use crate::analysis::Fidelity;
    use crate::ir::{Function, Metadata, Term};

    #[test]
    fn what_is_put_into_one_alert_is_one_incident() {
        let title = |of: &str| call(Function::Concat, vec![Term::text("Login by "), field(of)]);
        let made = |title: Option<Term>, dedup: Option<Term>, window: Option<u64>| {
            let mut rule = rule(Metadata::default(), equals("eventName", "a"));
            rule.metadata.name = "r".into();
            (rule.alert.title, rule.alert.dedup) = (title, dedup);
            rule.dedup_window = window;
            let translation = emit(&rule);
            let (_, read) = document(&translation);
            let grouping = read["incidentConfiguration"]["groupingConfiguration"].clone();
            let told = translation.report.constructs.into_iter();
            let told = told.filter(|one| one.what == "dedup" && one.fidelity != Fidelity::Exact);
            (
                read,
                grouping,
                told.map(|one| one.reason).collect::<Vec<_>>(),
            )
        };
        // Without a title of its own every alert has the rule's name.
        let (_, grouping, told) = made(None, None, Some(3600));
        assert_eq!(grouping["matchingMethod"], "AnyAlert");
        assert_eq!(grouping["lookbackDuration"], "1h");
        assert!(told.is_empty());
        let (_, grouping, _) = made(Some(title("sourceIPAddress")), None, Some(900));
        assert_eq!(grouping["matchingMethod"], "Selected");
        assert_eq!(grouping["groupByAlertDetails"], json!(["DisplayName"]));
        assert_eq!(grouping["lookbackDuration"], "15m");
        // A text of its own: the values in it.
        let own = call(
            Function::Concat,
            vec![
                field("recipientAccountId"),
                Term::text("-"),
                field("awsRegion"),
            ],
        );
        let (read, grouping, told) = made(Some(title("sourceIPAddress")), Some(own), Some(3600));
        assert_eq!(
            grouping["groupByCustomDetails"],
            json!(["RecipientAccountId", "AWSRegion"])
        );
        assert_eq!(grouping["groupByAlertDetails"], json!([]));
        assert_eq!(read["customDetails"]["AWSRegion"], "AWSRegion");
        assert!(told.is_empty());
        let (_, grouping, _) = made(None, Some(Term::text("all")), Some(3600));
        assert_eq!(grouping["matchingMethod"], "AnyAlert");
        // Sentinel looks back five minutes at least.
        let (_, grouping, told) = made(None, None, Some(60));
        assert_eq!(grouping["lookbackDuration"], "5m");
        assert_eq!(
            told,
            ["alerts of 5m stand in one incident, the source puts those of 1m together"]
        );
        // A source that puts nothing together says nothing of it.
        let (_, grouping, told) = made(Some(title("sourceIPAddress")), None, None);
        assert!(grouping.is_null() && told.is_empty());
    }
}
