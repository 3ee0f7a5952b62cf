//! Overlays over shipped sources: what wins, what stays, what is refused and where that is said.

use crate::ir::FieldPath;
use crate::schema::{Access, Crosswalk, SigmaSource};
use crate::source::Sources;

const HEAD: &str = "schema_version: 1\nextends: builtin\nid: aws.cloudtrail\n";

/// The crosswalk, and the messages with the text that each points to.
fn known(files: &[&str]) -> (Crosswalk, Vec<(String, String)>) {
    let mut sources = Sources::new();
    let ids: Vec<_> = files
        .iter()
        .map(|text| sources.add("a.yml", *text))
        .collect();
    let texts = ids.iter().map(|id| (*id, sources.get(*id).unwrap().text()));
    let (crosswalk, found) = Crosswalk::with_files(texts);
    let told = found.iter().map(|one| {
        let span = one.labels.first().map(|label| label.span);
        let place = span.map_or("", |span| sources.text(span));
        (one.message.clone(), place.trim_end().to_owned())
    });
    (crosswalk, told.collect())
}

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

/// The column that is written for a field.
fn column(crosswalk: &Crosswalk, table: &str, field: &str) -> Option<String> {
    let table = crosswalk.get("aws.cloudtrail")?.table(table)?;
    match table.access(&path(field)) {
        Access::Column(column) => Some(column.name.clone()),
        Access::Below(column, _) => Some(format!("{}...", column.name)),
        _ => None,
    }
}

#[test]
fn what_an_overlay_says_wins_and_the_rest_stays() {
    let text = format!(
        "{HEAD}panther: {{log_types: [Own.Trail]}}\nfields:\n\
         - {{field: eventName, sentinel: {{AWSCloudTrail: OperationName}}, sigma: [verb]}}\n\
         - {{field: awsRegion, sentinel: none}}\n\
         - {{field: requestParameters.own, type: string, sentinel: {{AWSCloudTrail: {{column: Own_CF, type: string}}}}}}\n"
    );
    let (crosswalk, told) = known(&[&text]);
    assert_eq!(told, []);
    let of = |field: &str| column(&crosswalk, "AWSCloudTrail", field);
    assert_eq!(of("eventName").as_deref(), Some("OperationName"));
    assert_eq!(of("eventSource").as_deref(), Some("EventSource"));
    assert_eq!(of("awsRegion"), None);
    assert_eq!(of("requestParameters.own").as_deref(), Some("Own_CF"));
    assert_eq!(
        of("requestParameters.x").as_deref(),
        Some("RequestParameters...")
    );
    let source = crosswalk.by_log_type("Own.Trail").unwrap();
    assert_eq!(source.id, "aws.cloudtrail");
    assert_eq!(
        crosswalk.by_log_type("AWS.CloudTrail").unwrap().id,
        source.id
    );
    assert_eq!(
        source.field_of_sigma("verb").unwrap().field,
        path("eventName")
    );
    assert_eq!(
        source.name,
        Crosswalk::builtin().get("aws.cloudtrail").unwrap().name
    );
    assert_eq!(
        crosswalk.sources().count(),
        Crosswalk::builtin().sources().count()
    );
}

#[test]
fn a_column_is_read_as_the_field_that_the_overlay_gives_it() {
    let text = format!(
        "{HEAD}fields:\n- {{field: own, type: string, sentinel: {{AWSCloudTrail: EventName}}}}\n"
    );
    let (crosswalk, told) = known(&[&text]);
    assert_eq!(told, []);
    let (_, table) = crosswalk.by_table("AWSCloudTrail").unwrap();
    assert_eq!(table.column("EventName").unwrap().field, path("own"));
    assert_eq!(
        column(&crosswalk, "AWSCloudTrail", "eventName").as_deref(),
        Some("EventName")
    );
}

#[test]
fn a_table_of_ones_own_takes_over_columns() {
    let text = format!(
        "{HEAD}sentinel:\n- {{table: Own_CL, schema: listed, like: AWSCloudTrail}}\nfields:\n\
         - {{field: eventName, sentinel: {{Own_CL: {{column: Verb, type: string}}}}}}\n"
    );
    let (crosswalk, told) = known(&[&text]);
    assert_eq!(told, []);
    assert_eq!(
        column(&crosswalk, "Own_CL", "eventName").as_deref(),
        Some("Verb")
    );
    assert_eq!(
        column(&crosswalk, "Own_CL", "eventSource").as_deref(),
        Some("EventSource")
    );
    let source = crosswalk.get("aws.cloudtrail").unwrap();
    assert_eq!(source.preferred_table().unwrap().name, "Own_CL");
    assert!(crosswalk.known_table("Own_CL").is_some());
}

#[test]
fn a_custom_log_has_columns_by_the_rule_of_naming() {
    let text = "schema_version: 1\nid: own.log\nname: Own\ntime: at\nsentinel: [{table: Own_CL, schema: collected}]\nfields:\n\
                - {field: at, type: datetime, sentinel: {Own_CL: {column: TimeGenerated, type: datetime}}}\n\
                - {field: a.b, type: string}\n- {field: n, type: integer}\n- {field: o, type: object}\n- {field: x, type: string, sentinel: none}\n";
    let (crosswalk, told) = known(&[text]);
    assert_eq!(told, []);
    let (_, table) = crosswalk.by_table("Own_CL").unwrap();
    assert_eq!(table.column("a_b_s").unwrap().field, path("a.b"));
    assert!(matches!(table.access(&path("n")), Access::Column(column) if column.name == "n_d"));
    for absent in ["o", "x"] {
        assert!(matches!(
            table.access(&path(absent)),
            Access::Absent | Access::Unmapped
        ));
    }
}

#[test]
fn a_source_of_ones_own_stands_before_the_shipped() {
    let text = "schema_version: 1\nid: own.dns\nname: Own\ntime: at\nsigma:\n- {product: own}\n- {product: aws, service: cloudtrail}\n\
                fields:\n- {field: at, type: datetime}\n";
    let (crosswalk, told) = known(&[text]);
    assert_eq!(told, []);
    let own = SigmaSource {
        product: Some("own".to_owned()),
        ..SigmaSource::default()
    };
    assert_eq!(crosswalk.by_sigma(&own).unwrap().0.id, "own.dns");
    let taken = SigmaSource {
        product: Some("aws".to_owned()),
        service: Some("cloudtrail".to_owned()),
        ..SigmaSource::default()
    };
    assert_eq!(crosswalk.by_sigma(&taken).unwrap().0.id, "own.dns");
    let (_, told) = known(&[text, &text.replace("own.dns", "other.dns")]);
    assert_eq!(told[0].1, "other.dns");
}

#[test]
fn the_last_of_several_overlays_wins() {
    let overlay = |column: &str| {
        format!("{HEAD}fields:\n- {{field: eventName, sentinel: {{AWSCloudTrail: {column}}}}}\n")
    };
    let more = format!("{HEAD}fields:\n- {{field: own, type: string, sentinel: none}}\n");
    let (crosswalk, told) = known(&[&overlay("OperationName"), &more, &overlay("Category")]);
    assert_eq!(told, []);
    assert_eq!(
        column(&crosswalk, "AWSCloudTrail", "eventName").as_deref(),
        Some("Category")
    );
    assert!(
        crosswalk
            .get("aws.cloudtrail")
            .unwrap()
            .field(&path("own"))
            .is_some()
    );
}

#[test]
fn contradictions_are_told_at_their_place() {
    for (rest, message, place) in [
        (
            "fields:\n- {field: own, type: string, sentinel: {AWSCloudTrail: NoSuch}}\n",
            "the schema of `AWSCloudTrail` has no column `NoSuch`",
            "NoSuch",
        ),
        (
            "fields:\n- {field: awsRegion, sentinel: none}\n- {field: own, sentinel: none}\n",
            "`own` requires a `type`",
            "{field: own, sentinel: none}",
        ),
        (
            "fields:\n- {field: own, type: string, sigma: eventName}\n",
            "`eventName` is Sigma's name for `eventName`",
            "eventName",
        ),
        (
            "fields:\n- {field: awsRegion, sentinel: {Other_CL: x}}\n",
            "`Other_CL` is not listed under `sentinel`",
            "x",
        ),
        (
            "sentinel:\n- {table: Own_CL}\n",
            "no schema of `Own_CL` is published; say `schema: listed` and the type of each column",
            "Own_CL",
        ),
        (
            "fields:\n- {field: a, type: string, sentinel: {AWSCloudTrail: EventName}}\n- {field: b, type: string, sentinel: {AWSCloudTrail: EventName}}\n",
            "`EventName` holds several fields, of which one has to be marked as `preferred`",
            "EventName",
        ),
        (
            "fields:\n- {field: awsRegion, sentinel: none}\n- {field: awsRegion, type: string}\n",
            "`awsRegion` is listed before, as item 7",
            "awsRegion",
        ),
    ] {
        let (_, told) = known(&[&format!("{HEAD}{rest}")]);
        let is_told = |(said, at): &(String, String)| {
            let same = said == message
                || message.ends_with(|last: char| last.is_ascii_digit())
                    && said.starts_with(message.trim_end_matches(|c: char| c.is_ascii_digit()));
            same && !at.is_empty() && place.starts_with(at.as_str())
        };
        assert!(told.iter().any(is_told), "{rest}: {told:?}");
    }
    let (_, told) = known(&["schema_version: 1\nextends: builtin\nid: no.such\n"]);
    assert_eq!(told[0].1, "no.such");
    let (_, told) = known(&["schema_version: 2\nextends: builtin\nid: aws.cloudtrail\n"]);
    assert_eq!(told[0].1, "2");
    let (_, told) =
        known(&["schema_version: 1\nextends: builtin\nid: aws.cloudtrail\nfield: []\n"]);
    assert!(told[0].0.contains("unknown field `field`"), "{told:?}");
}
