//! How alerts become incidents, and how long a rule rests after an alert.

use std::time::Duration;

use serde_json::Value;

use super::super::document::plain;
use super::super::duration;
use super::Checker;
use crate::diagnostic::Code;
use crate::syntax::yaml::Step;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const SHORTEST: Duration = Duration::from_secs(5 * MINUTE);
/// How far back alerts are grouped, and how long a rule may rest.
const LONGEST_LOOK_BACK: Duration = Duration::from_secs(7 * 24 * HOUR);
const LONGEST_REST: Duration = Duration::from_secs(24 * HOUR);

const INCIDENT: Step<'static> = Step::Key("incidentConfiguration");
const GROUPING: Step<'static> = Step::Key("groupingConfiguration");

impl Checker<'_, '_> {
    /// Incidents and suppression.
    pub(super) fn incident(&mut self) {
        self.suppression();
        let incident = self.get("incidentConfiguration");
        let Some(grouping) = incident.and_then(|incident| incident.get("groupingConfiguration"))
        else {
            return;
        };
        let method = grouping
            .get("matchingMethod")
            .map(plain)
            .unwrap_or_default();
        if !matches!(method.as_str(), "AllEntities" | "AnyAlert" | "Selected") {
            let message = format!(
                "`{method}` is not a matching method; expected AllEntities, AnyAlert or Selected"
            );
            let path = [INCIDENT, GROUPING, Step::Key("matchingMethod")];
            self.fail(Code::SentinelIncident, &path, message);
        }
        if let Some(text) = grouping.get("lookbackDuration").map(plain) {
            let path = [INCIDENT, GROUPING, Step::Key("lookbackDuration")];
            match duration::parse(&text) {
                Some(length) if (SHORTEST..=LONGEST_LOOK_BACK).contains(&length) => {}
                _ => {
                    let message = format!("`{text}` is not a duration of 5 minutes to 7 days");
                    self.fail(Code::SentinelIncident, &path, message);
                }
            }
        }
        self.grouped(grouping);
    }

    /// What alerts are grouped by is something that they have.
    fn grouped(&mut self, grouping: &Value) {
        let mappings = self.get("entityMappings").and_then(Value::as_array);
        let entities: Vec<String> = mappings
            .into_iter()
            .flatten()
            .filter_map(|mapping| Some(plain(mapping.get("entityType")?)))
            .collect();
        let details = self.get("customDetails").and_then(Value::as_object);
        let details: Vec<String> = details
            .map(|details| details.keys().cloned().collect())
            .unwrap_or_default();
        for (key, what, known) in [
            ("groupByEntities", "entity of the rule", &entities),
            (
                "groupByCustomDetails",
                "custom detail of the rule",
                &details,
            ),
        ] {
            let listed = grouping.get(key).and_then(Value::as_array);
            for (at, name) in listed.into_iter().flatten().map(plain).enumerate() {
                if known.contains(&name) {
                    continue;
                }
                let path = [INCIDENT, GROUPING, Step::Key(key), Step::Item(at)];
                let message = format!("`{name}` is no {what}, and alerts cannot be grouped by it");
                self.fail(Code::SentinelIncident, &path, message);
            }
        }
    }

    fn suppression(&mut self) {
        let enabled = self.get("suppressionEnabled").and_then(Value::as_bool) == Some(true);
        let path = [Step::Key("suppressionDuration")];
        let Some(text) = self.get("suppressionDuration").map(plain) else {
            if enabled {
                let message = "a rule that rests after an alert requires a `suppressionDuration`";
                let path = [Step::Key("suppressionEnabled")];
                self.fail(Code::SentinelSuppression, &path, message);
            }
            return;
        };
        let length = duration::parse(&text);
        if length.is_none_or(|length| !(SHORTEST..=LONGEST_REST).contains(&length)) {
            let message = format!("`{text}` is not a duration of 5 minutes to 24 hours");
            return self.fail(Code::SentinelSuppression, &path, message);
        }
        let frequency = self.get("queryFrequency").map(plain);
        let frequency = frequency.and_then(|text| duration::parse(&text));
        if enabled && length < frequency {
            let message =
                "`suppressionDuration` is required to be no shorter than `queryFrequency`";
            self.fail(Code::SentinelSuppression, &path, message);
        }
    }
}
