//! The rule: what it selects, counts and tells, with its metadata and tests.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::threshold::seconds;
use super::{
    Alert, Attack, AttackVersion, Case, Condition, Correlation, Literal, LogSource, Object,
    Operator, Origin, Pipeline, Predicate, Segment, Shared, SharedVec, Term, Threshold,
};

/// How severe an alert is. `Critical` has no counterpart in Sentinel.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of every SIEM")]
pub enum Severity {
    Informational,
    Low,
    #[default]
    Medium,
    High,
    Critical,
}

impl Severity {
    /// The word in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Who and what the rule is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Metadata {
    /// The id in the source format: a Panther rule id, a GUID.
    pub id: String,
    /// The short name that its files are called by, for example the source file's name without its ending.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub slug: String,
    /// The title shown to people.
    pub name: String,
    /// What it detects.
    pub description: String,
    /// How severe an alert is, unless [`Alert::severity`] says otherwise.
    pub severity: Severity,
    /// Whether it is switched off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Whether what it matches is kept without an alert, for other rules to work with.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// The maturity, in the format's own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The version, in the format's own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Pages to read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Free tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// ATT&CK tactics and techniques.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attack: Vec<Attack>,
    /// The version of ATT&CK whose ids and names it is to have; as it was written, where none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack_version: Option<AttackVersion>,
    /// Known benign causes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub false_positives: Vec<String>,
    /// What to do about an alert.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runbook: Option<String>,
}

/// The stage of the source rule that made an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the stages' own names")]
pub enum Stage {
    AlertContext,
    Summarize,
    Extend,
    Project,
    Expand,
    Fields,
}

impl Stage {
    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AlertContext => "alert_context",
            Self::Summarize => "summarize",
            Self::Extend => "extend",
            Self::Project => "project",
            Self::Expand => "mv-expand",
            Self::Fields => "fields",
        }
    }
}

/// A value that the rule hands on when it matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its name in the rule.
    pub name: String,
    /// Its value.
    pub source: Term,
    /// On which events it is handed on; on all, where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What made it.
    pub stage: Stage,
    /// Where it was lowered from.
    #[serde(skip)]
    pub origin: Origin,
}

impl Output {
    /// The output for targets that hand on every output of every event: without a value where it would not be there.
    #[must_use]
    pub fn on_every_event(&self) -> Self {
        let mut output = self.clone();
        let Some(when) = output.when.take() else {
            return output;
        };
        let present = Predicate::new(output.source.clone(), Operator::IsPresent, Object::None);
        let present = Condition::from(present);
        // A value that is not there needs no condition to be left out.
        let parts = when.conjuncts().iter().filter(|part| **part != present);
        let when = parts.cloned().fold(Condition::TRUE, Condition::and);
        if when.as_constant() != Some(true) {
            output.source = Term::Choice {
                cases: vec![Case {
                    when,
                    then: output.source,
                }]
                .into(),
                otherwise: Shared::new(Term::Literal(Literal::Null)),
            };
        }
        output
    }
}

/// The kind of a thing in the world that an output names (Sentinel's entity types).
pub type EntityKind = String;

/// One identifier of an entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Identifier {
    /// Its name, for example `Name` of an `Account`.
    pub name: String,
    /// Its value.
    pub source: Term,
}

/// A thing in the world that an alert is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// `Account`, `IP`, `Host`, ...
    pub kind: EntityKind,
    /// How it is identified.
    pub identifiers: Vec<Identifier>,
}

/// How often a rule runs and how far it looks back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// The time between two runs.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub frequency: Duration,
    /// The time a run looks back.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub period: Duration,
}

/// A test that came with the rule: one event and whether the selection holds for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuleTest {
    /// Its name.
    pub name: String,
    /// The event in the vendor's own shape.
    pub event: Value,
    /// Whether it matches.
    pub expected: bool,
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Origin,
}

/// A test that replaces a part of what the rule was written with (Panther's mocks), and the rule as it is then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// The test.
    pub test: RuleTest,
    /// Which single events the rule selects then.
    pub selection: Condition,
    /// What its alert says then.
    pub alert: Alert,
    /// The values it hands on then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
}

/// In which direction the rule changes if a residue is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResidueEffect {
    /// Without it the rule matches more.
    Wider,
    /// Without it the rule matches less.
    Narrower,
    /// Not known, or both.
    Unknown,
    /// The verdict stays; only what the alert shows changes.
    OutputsOnly,
}

/// A part of the source that the IR cannot express. Only a backend of the same format may print it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Residue {
    /// The format whose text it is.
    pub format: String,
    /// What it is, in the format's word, for example `join`.
    pub construct: String,
    /// The text.
    pub text: String,
    /// What leaving it out does.
    pub effect: ResidueEffect,
    /// Where it stands.
    #[serde(skip)]
    pub origin: Origin,
}

/// The source as a list of numbered stages, for the tables. Only formats whose rules are pipelines have one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StageListing {
    /// Named constants, as written.
    pub parameters: Vec<String>,
    /// `(operator, text as written)`, in order.
    pub stages: Vec<(String, String)>,
}

/// Keys of the source document, kept for its own format to be written again. Who changes what a rule means also clears what was
/// kept of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Preserved {
    /// The format.
    pub format: String,
    /// The keys, in source order.
    pub keys: IndexMap<String, Value>,
    /// Where they stand.
    #[serde(skip)]
    pub places: KeyPlaces,
}

/// Where keys of a document stand; one within another key is called by both, as in `custom.owner`. It equals any other, as places
/// do.
#[derive(Clone, Debug, Default)]
pub struct KeyPlaces(pub IndexMap<String, Origin>);

impl KeyPlaces {
    /// The place of the key, or of the key that it stands in.
    pub fn of(&self, key: &str) -> Origin {
        let outer = key.split('.').next().unwrap_or(key);
        let place = self.0.get(key).or_else(|| self.0.get(outer));
        place.copied().unwrap_or_default()
    }
}

impl PartialEq for KeyPlaces {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A detection rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Who and what it is.
    pub metadata: Metadata,
    /// Where its events come from; a rule on several sources lists them.
    pub log_sources: Vec<LogSource>,
    /// Which single events it selects.
    pub selection: Condition,
    /// What the matches of other rules must look like, where the rule is about those instead of events. Its `selection` then
    /// selects every event of no source, and the events of its tests are the matches of its members:
    /// `{member: {field: {value: [time, ...]}}}`, a time being a number of minutes or an RFC 3339 text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Correlation>,
    /// How many of them make an alert; one, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Within which time alerts of one dedup text are put together, where that is not the threshold's window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup_window: Option<u64>,
    /// The whole of what it does with events, where selection, threshold and outputs do not say it: these are then the
    /// selection of its main source, and what is left of the rule without [`Rule::beyond`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<Pipeline>,
    /// What only its pipeline says, of no use to who reads that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beyond: Vec<Residue>,
    /// The values it hands on; see [`Rule::is_about_rows`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// What its alert says.
    #[serde(default)]
    pub alert: Alert,
    /// The things its alert is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// When it runs; streaming where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Its tests.
    #[serde(default, skip_serializing_if = "has_none")]
    pub tests: SharedVec<RuleTest>,
    /// Its tests that replace a part of what it was written with, each with the rule as it is then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Variant>,
    /// What could not be expressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residue: Vec<Residue>,
    /// The source's stages, for the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<StageListing>,
    /// What only its own format can print.
    #[serde(default)]
    pub preserved: Preserved,
    /// Where the rule stands.
    #[serde(skip)]
    pub origin: Origin,
}

fn has_none(tests: &SharedVec<RuleTest>) -> bool {
    tests.is_empty()
}

impl Rule {
    /// A rule that selects every event of no source; frontends fill it in.
    pub fn new(metadata: Metadata) -> Self {
        Self {
            metadata,
            log_sources: Vec::new(),
            selection: Condition::TRUE,
            correlation: None,
            threshold: None,
            dedup_window: None,
            pipeline: None,
            beyond: Vec::new(),
            outputs: Vec::new(),
            alert: Alert::default(),
            entities: Vec::new(),
            schedule: None,
            tests: SharedVec::EMPTY,
            variants: Vec::new(),
            residue: Vec::new(),
            listing: None,
            preserved: Preserved::default(),
            origin: Origin::default(),
        }
    }

    /// What a reader of selection, threshold and outputs does not learn of the rule.
    pub fn unsaid(&self) -> impl Iterator<Item = &Residue> {
        self.residue.iter().chain(&self.beyond)
    }

    /// Leaves out the columns that its pipeline makes of events and nothing reads.
    pub fn forget_unused(&mut self) {
        let Some(mut pipeline) = self.pipeline.take() else {
            return;
        };
        let mut wanted: BTreeSet<String> =
            self.outputs.iter().map(|out| out.name.clone()).collect();
        let entities = self.entities.iter().flat_map(|entity| &entity.identifiers);
        let shown = entities.map(|identifier| &identifier.source);
        let details = self.alert.details.iter().map(|detail| &detail.source);
        let alert = [
            &self.alert.title,
            &self.alert.description,
            &self.alert.dedup,
            &self.alert.severity,
        ];
        let alert = alert.into_iter().flatten();
        for field in shown.chain(details).chain(alert).flat_map(Term::fields) {
            if let Some(Segment::Key(key) | Segment::Exact(key)) = field.segments.first() {
                wanted.insert(key.clone());
            }
        }
        pipeline.forget_unused(&wanted);
        self.pipeline = Some(pipeline);
    }

    /// Whether outputs, alert and entities are about the rows that the pipeline makes, not about events: where selection and
    /// threshold do not say when the rule alerts.
    pub fn is_about_rows(&self) -> bool {
        let shown = |residue: &Residue| residue.effect == ResidueEffect::OutputsOnly;
        self.pipeline.is_some() && !self.beyond.iter().all(shown)
    }

    /// The rule as one of its variants' tests has it.
    #[must_use]
    pub fn under(&self, variant: &Variant) -> Self {
        Self {
            selection: variant.selection.clone(),
            alert: variant.alert.clone(),
            outputs: variant.outputs.clone(),
            ..self.clone()
        }
    }
}
