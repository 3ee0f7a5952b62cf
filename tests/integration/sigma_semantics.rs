//! What Sigma means: detections and events with the verdict that the specification gives, and what is refused, with its place.

use rulec::diagnostic::Diagnostics;
use rulec::ir::{Comparison, LogSource, Measure, Rule, WindowKind};
use rulec::source::{NoFiles, Sources};
use rulec::{eval, import};
use serde_json::{Value, json};

const HEAD: &str = "title: Probe\nlogsource: {product: acme}\ndetection:\n  ";

fn read(text: &str) -> (Vec<Rule>, Vec<String>) {
    let mut sources = Sources::new();
    let id = sources.add("probe.yml", text);
    let mut diagnostics = Diagnostics::new();
    let rules = import(id, None, &mut sources, &NoFiles, &mut diagnostics);
    let shown = diagnostics.iter().map(|diagnostic| {
        let label = diagnostic.labels.first().unwrap();
        let source = sources.get(label.span.source).unwrap();
        let position = source.position(label.span.range.start);
        format!(
            "{} {position} `{}` {}",
            diagnostic.code.name(),
            sources.text(label.span).lines().next().unwrap_or(""),
            diagnostic.message
        )
    });
    (rules, shown.collect())
}

fn verdict(detection: &str, event: &Value) -> bool {
    let condition = if detection.contains("condition:") {
        ""
    } else {
        "\n  condition: s"
    };
    let (rules, problems) = read(&format!("{HEAD}{detection}{condition}\n"));
    assert!(problems.is_empty(), "{detection}: {problems:?}");
    eval::matches(&rules[0], event)
}

#[test]
fn verdicts_are_the_specification_s() {
    for (detection, event, expected) in [
        ("s: {f: AbC}", json!({"f": "aBc"}), true),
        ("s: {f|cased: Abc}", json!({"f": "abc"}), false),
        ("s: {f|contains|cased: Ob}", json!({"f": "foobar"}), false),
        ("s: {f|cased|contains: Ob}", json!({"f": "fOba"}), true),
        (
            "s: {f|startswith: AB, g|endswith: YZ}",
            json!({"f": "abc", "g": "xyz"}),
            true,
        ),
        ("s: {f: 'a*c'}", json!({"f": "xabc"}), false),
        ("s: {f: 'a*c'}", json!({"f": "ac"}), true),
        ("s: {f: 'a*c'}", json!({"f": "a\nc"}), true),
        ("s: {f: 'a?c'}", json!({"f": "ac"}), false),
        (r"s: {f: 'a\*c'}", json!({"f": "a*c"}), true),
        (r"s: {f: 'a\*c'}", json!({"f": "abc"}), false),
        (r"s: {f: 'a\\*'}", json!({"f": "a\\bc"}), true),
        (r"s: {f: 'a\\\*'}", json!({"f": "a\\*"}), true),
        (r"s: {f: 'C:\x'}", json!({"f": "C:\\x"}), true),
        (r"s: {f: '\\\\srv'}", json!({"f": "\\\\srv"}), true),
        (
            r"s: {f|contains: '\Temp\'}",
            json!({"f": "C:\\Temp\\a.exe"}),
            true,
        ),
        ("s: {f: '10%_x'}", json!({"f": "10%ax"}), false),
        ("s: {f|contains: 'a.b'}", json!({"f": "axb"}), false),
        ("s: {f|re: 'b+'}", json!({"f": "abbc"}), true),
        ("s: {f|re: 'ABC'}", json!({"f": "abc"}), false),
        ("s: {f|re|i: 'ABC'}", json!({"f": "abc"}), true),
        ("s: {f|re: '(?i)ABC'}", json!({"f": "abc"}), true),
        ("s: {f|re: 'a.c'}", json!({"f": "a\nc"}), false),
        ("s: {f|re|s: 'a.c'}", json!({"f": "a\nc"}), true),
        ("s: {f|re|m: '^b'}", json!({"f": "a\nb"}), true),
        ("s: {f|re: '^b'}", json!({"f": "a\nb"}), false),
        ("s: {f: [a, b]}", json!({"f": "b"}), true),
        ("s: {f|contains|all: [a, b]}", json!({"f": "xbxa"}), true),
        ("s: {f|contains|all: [a, z]}", json!({"f": "xbxa"}), false),
        ("s: {f: a, g: b}", json!({"f": "a"}), false),
        ("s: [{f: a}, {g: b}]", json!({"g": "b"}), true),
        ("s: {f: null}", json!({"g": 1}), true),
        ("s: {f: null}", json!({"f": null}), true),
        ("s: {f: null}", json!({"f": ""}), false),
        ("s: {f: [a, null]}", json!({}), true),
        ("s: {f: ''}", json!({"f": ""}), true),
        ("s: {f: ''}", json!({"g": 1}), false),
        ("s: {f: '*'}", json!({"g": 1}), false),
        ("s: {f: '*'}", json!({"f": ""}), true),
        ("s: {f|exists: true}", json!({"f": null}), true),
        ("s: {f|exists: false}", json!({"g": 1}), true),
        ("s: {f: 5}", json!({"f": 5}), true),
        ("s: {f: 5}", json!({"f": "5"}), true),
        ("s: {f: '5'}", json!({"f": 5}), true),
        ("s: {f: 5}", json!({"f": "05"}), false),
        ("s: {f: true}", json!({"f": "True"}), true),
        ("s: {f: 'true'}", json!({"f": true}), true),
        ("s: {f|gt: 5}", json!({"f": 6}), true),
        ("s: {f|lte: 5.5}", json!({"f": 6}), false),
        ("s: {f|gt: 5}", json!({"g": 1}), false),
        ("s: {f|neq: a}", json!({"f": "b"}), true),
        ("s: {f|neq: a}", json!({"g": 1}), true),
        ("s: {f|neq: [a, b]}", json!({"f": "b"}), false),
        ("s: {f|cidr: 10.0.0.0/8}", json!({"f": "10.1.2.3"}), true),
        (
            "s: {f|cidr: 10.0.0.16/28}",
            json!({"f": "10.0.0.32"}),
            false,
        ),
        (
            "s: {f|cidr: 10.0.0.0/8}",
            json!({"f": "10.1.2.3 (x)"}),
            false,
        ),
        (
            "s: {f|cidr: '2001:db8::/32'}",
            json!({"f": "2001:0db8:0:0:0:0:0:1"}),
            true,
        ),
        ("s: {f|fieldref: g}", json!({"f": "a", "g": "A"}), true),
        ("s: {f|fieldref: g}", json!({"h": 1}), false),
        (
            "s: {f|base64offset|contains: foo}",
            json!({"f": "xxZm9vyy"}),
            true,
        ),
        (
            "s: {f|wide|base64offset|contains: foo}",
            json!({"f": "ZgBvAG8A"}),
            true,
        ),
        ("s: {f|base64: foo}", json!({"f": "Zm9v"}), true),
        ("s: {f|utf16|base64: A}", json!({"f": "//5BAA=="}), true),
        (
            "s: {f|windash|contains: ' -a '}",
            json!({"f": "x /a y"}),
            true,
        ),
        (
            "s: {f|contains|all|windash: [' -a', ' -b']}",
            json!({"f": "x /a –b"}),
            true,
        ),
        ("s: {f: []}", json!({}), true),
        ("s: {f|contains: '23'}", json!({"f": 1234}), true),
        ("s: {f|hour: 3}", json!({"f": "2026-01-01T03:04:05Z"}), true),
        (
            "s: {f|hour: 3}",
            json!({"f": "2026-01-01T04:03:05Z"}),
            false,
        ),
        ("s: {f|week: 1}", json!({"f": "2026-01-01"}), true),
        (
            "s: {f|minute: [4, 5]}",
            json!({"f": "2026-01-01T03:04:05Z"}),
            true,
        ),
        ("s: {f|year: 2026}", json!({}), false),
        (
            "s: {f|fieldref|startswith: g}",
            json!({"f": "abc", "g": "AB"}),
            true,
        ),
        (
            "s: {f|fieldref|endswith: g}",
            json!({"f": "abc", "g": "ab"}),
            false,
        ),
        (
            "s: {f|fieldref|contains: g}",
            json!({"f": "abc", "g": "b"}),
            true,
        ),
        ("s: [EVIL]", json!({"x": "an evilservice"}), true),
        ("s: EVIL", json!({"x": {"y": ["an Evil"]}}), true),
        ("s: [EVIL]", json!({"evil": "x", "y": null}), false),
        ("s: [a, b]", json!({"x": "xb"}), true),
        ("s: ['ev*ce']", json!({"x": "an evil service"}), true),
        ("s: ['ev?ce']", json!({"x": "evil ce"}), false),
        ("s: {'|all': [aa, bb]}", json!({"x": "aa", "y": "bb"}), true),
        ("s: {'|all': [aa, bb]}", json!({"x": "aa"}), false),
        ("s: {'|cased': Ab}", json!({"x": "ab"}), false),
        ("s: {'|re': '^e.l$'}", json!({"x": "evl"}), true),
        ("s: {'|startswith': ev}", json!({"x": "an ev"}), false),
        ("s: [4625]", json!({"x": 4625}), true),
        ("s: [true]", json!({"x": true}), false),
        ("s: [abc, {f: x}]", json!({"f": "x"}), true),
        (
            "s: {f: a}\n  k: [x, y]\n  condition: s and not k",
            json!({"f": "a", "g": "an X"}),
            false,
        ),
        (
            "s: {f: a}\n  x: {g: b}\n  condition: s and not x",
            json!({"f": "a"}),
            true,
        ),
        (
            "s: {f: a}\n  x: {g: b}\n  condition: [s, x]",
            json!({"g": "b"}),
            true,
        ),
        (
            "s_1: {f: a}\n  s_2: {g: b}\n  condition: all of s_*",
            json!({"f": "a"}),
            false,
        ),
        (
            "s_1: {f: a}\n  _s: {g: b}\n  condition: 1 of them",
            json!({"g": "b"}),
            false,
        ),
    ] {
        assert_eq!(verdict(detection, &event), expected, "{detection} {event}");
    }
}

#[test]
fn the_log_source_gives_fields_and_types() {
    let text = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s:\n    src_ip: 10.0.0.1\n    recipientAccountId: 123456789012\n    readOnly: 'true'\n    resources.ARN|contains: x\n    requestParameters|contains: y\n  condition: s\n";
    let (rules, problems) = read(text);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        rules[0].selection.lines(),
        [
            r#"sourceIPAddress in ["10.0.0.1"] (any case)"#,
            r#"recipientAccountId in ["123456789012"] (any case)"#,
            "readOnly in [true] (any case)",
            r#"resources[].ARN contains "x" (any case)"#,
            r#"text(requestParameters) contains "y" (any case)"#,
        ]
    );
    assert_eq!(rules[0].log_sources, [LogSource::known("aws.cloudtrail")]);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    for (detection, problem) in [
        (
            "s: {f|contians: a}\n  condition: s",
            "SIG002 4:9 `contians` `contians` is not a modifier of the specification",
        ),
        (
            "s: {f|re|contains|cased: a}\n  condition: s",
            "SIG002 4:7 `f|re|contains|cased` the modifiers of `f|re|contains|cased` do not go together",
        ),
        (
            "s: {f|re: '(?=a)'}\n  condition: s",
            "SIG003 4:13 `'(?=a)'` the regular expression has no counterpart in the IR: look-around, including look-ahead and look-behind, is not supported",
        ),
        (
            "s: {f|expand: '%a%'}\n  condition: s",
            "SIG004 4:17 `'%a%'` nothing is known of the placeholder `%a%`",
        ),
        (
            "s: [a, null]\n  condition: s",
            "YML002 4:10 `null` the search is empty",
        ),
        (
            "s: {'|gt': 5}\n  condition: s",
            "SIG002 4:7 `'|gt'` `gt` requires a field",
        ),
        (
            "s: {f|hour: 3.5}\n  condition: s",
            "SIG002 4:15 `3.5` `hour` requires a whole number",
        ),
        (
            "s: {f|cidr: x}\n  condition: s",
            "SIG002 4:15 `x` `cidr` requires a network such as `10.0.0.0/8`",
        ),
        (
            "s: {f|gt: '5'}\n  condition: s",
            "SIG002 4:13 `'5'` the comparison requires a number",
        ),
        (
            "s: {f: {g: 1}}\n  condition: s",
            "YML002 4:10 `{g: 1` a text, number, truth value or `null` is required",
        ),
        (
            "s: {f|base64: 'a*'}\n  condition: s",
            "SIG002 4:17 `'a*'` an encoding requires a value without wildcards",
        ),
        (
            "s: {f: a}\n  condition: s and t",
            "SIG001 5:20 `t` the detection defines no search `t`",
        ),
        (
            "s: {f: a}\n  condition: s and (s",
            "SIG001 5:20 `(` the parenthesis is not closed",
        ),
        (
            "s: {f: a}\n  condition: 1 of x_*",
            "SIG001 5:14 `1 of x_*` no search of the detection follows `x_*`",
        ),
        (
            "s: {f: a}\n  condition: s | count() > 5",
            "SIG003 5:16 `| count() > 5` a condition with a pipe (an aggregation of Sigma 1) is not supported; write a correlation rule",
        ),
        (
            "s: {}\n  condition: s",
            "YML002 4:6 `{` the search is empty",
        ),
        (
            "s: {f: a}",
            "SIG001 3:1 `detection` the detection requires a `condition`",
        ),
    ] {
        let (rules, problems) = read(&format!("{HEAD}{detection}\n"));
        assert!(rules.is_empty(), "{detection}");
        assert_eq!(problems, [problem], "{detection}");
    }
}

#[test]
fn big_conditions_are_refused_and_deep_ones_do_not_overflow() {
    let windash = format!("s: {{f|windash: '{}'}}\n  condition: s", " -a".repeat(9));
    let (_, problems) = read(&format!("{HEAD}{windash}\n"));
    assert!(problems[0].contains("expands to more than"), "{problems:?}");
    let values: Vec<String> = (0..200).map(|at| format!("{{f{at}: a}}")).collect();
    let searches = format!(
        "s: [{}]\n  condition: {}",
        values.join(", "),
        vec!["s"; 1_000].join(" or ")
    );
    let (_, problems) = read(&format!("{HEAD}{searches}\n"));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let deep = format!(
        "{HEAD}s: {{f: a}}\n  condition: {}s{}\n",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    assert!(read(&deep).1[0].starts_with("SIG001"));
}

const BASE: &str = "title: Failed\nid: 0e95725d-7320-415d-80f7-004da920fc11\nname: failed\nlevel: low\nlogsource: {product: acme}\ndetection:\n  s: {f: a}\n  condition: s\n";

#[test]
fn a_correlation_is_a_threshold_on_the_rule_it_counts() {
    let (rules, problems) = read(&format!(
        "{BASE}---\ntitle: Many failed\nid: 9f8a1b52-3c74-4b11-b0e5-1c9f3f3ad001\nlevel: high\ncorrelation:\n  type: value_count\n  rules: failed\n  group-by: [user.name]\n  timespan: 90m\n  condition: {{field: host, gt: 9}}\n"
    ));
    assert!(problems.is_empty(), "{problems:?}");
    let [rule] = rules.as_slice() else {
        panic!("{}", rules.len())
    };
    assert_eq!(
        (rule.metadata.name.as_str(), rule.metadata.severity.name()),
        ("Many failed", "high")
    );
    let threshold = rule.threshold.as_ref().unwrap();
    assert_eq!(threshold.comparison, Comparison::AtLeast);
    assert!((threshold.count - 10.0).abs() < f64::EPSILON);
    assert_eq!(threshold.window.as_secs(), 5_400);
    assert_eq!(threshold.window_kind, WindowKind::Sliding);
    assert!(
        matches!(&threshold.measure, Measure::DistinctCount(term) if term.to_string() == "host")
    );
    assert_eq!(threshold.group_by[0].to_string(), "user.name");
}

#[test]
fn correlations_that_cannot_be_read_are_refused() {
    for (section, problem) in [
        (
            "{type: temporal, rules: [failed], timespan: 1h, condition: {gte: 2}}",
            "SIG003 10:84 `{gte: 2` the condition of a temporal correlation requires `gte` with a number from 1 to 1, that of its rules",
        ),
        (
            "{type: event_count, rules: [other], timespan: 1h, condition: {gte: 2}}",
            "SIG003 10:52 `[other` no rule `other` stands in the file or among the inputs",
        ),
        (
            "{type: event_count, rules: [failed], timespan: 1.5h, condition: {gte: 2}}",
            "YML002 10:72 `1.5h` `timespan` requires a whole number and a unit, such as `10m`",
        ),
        (
            "{type: event_count, rules: [failed], timespan: 1h, condition: {gt: 2, lt: 9, neq: 4}}",
            "YML002 10:87 `{gt: 2, lt: 9, neq: 4` `condition` requires a comparison such as `gte: 10`, or two for a range",
        ),
        (
            "{type: value_percentile, rules: [failed], timespan: 1h, condition: {field: f, lte: 1}}",
            "SIG003 10:92 `{field: f, lte: 1` `value_percentile` requires a `percentile` from 0 to 100 in its condition: without it engines disagree what is compared",
        ),
        (
            "{type: value_count, rules: [failed], timespan: 1h, condition: {gte: 2}}",
            "YML002 10:87 `{gte: 2` `value_count` requires a `field` in its condition",
        ),
    ] {
        let (_, problems) = read(&format!(
            "{BASE}---\n{{title: C, correlation: {section}}}\n"
        ));
        assert_eq!(problems, [problem], "{section}");
    }
}

#[test]
fn several_rules_of_a_file_are_read_each_for_itself() {
    let other = BASE.replace("failed", "second").replace("Failed", "Second");
    let broken = BASE.replace("condition: s", "condition: t");
    let (rules, problems) = read(&format!(
        "{BASE}---\n{broken}---\n{other}---\naction: other\n---\ntitle: F\nlogsource: {{}}\nfilter: {{}}\n---\nx: 1\n"
    ));
    let names: Vec<&str> = rules
        .iter()
        .map(|rule| rule.metadata.name.as_str())
        .collect();
    assert_eq!(names, ["Failed", "Second"]);
    assert_eq!(problems.len(), 5, "{problems:?}");
}

#[test]
fn what_only_sigma_has_is_kept() {
    let text = format!(
        "{BASE}date: 2024-01-02\nrelated: [{{id: x, type: similar}}]\nvendor: {{a: 1}}\ntags: [attack.t1110, cve.2021-1, tlp.red]\n"
    );
    let (rules, _) = read(&text);
    let keys: Vec<&str> = rules[0].preserved.keys.keys().map(String::as_str).collect();
    assert_eq!(keys, ["name", "date", "related", "vendor"]);
    assert_eq!(rules[0].metadata.tags, ["cve.2021-1", "tlp.red"]);
    let target = rulec::backend::target("sigma").unwrap();
    let written = &rulec::export(&rules[0], target).artifacts[0].text;
    assert!(
        written.contains("date: 2024-01-02\n") && written.contains("vendor:\n    a: 1\n"),
        "{written}"
    );
    assert_eq!(read(written).0[0].preserved, rules[0].preserved);
}

#[test]
fn the_native_form_reads_back() {
    let (rules, _) = read(BASE);
    let text = format!("{:#}", json!({"rulec": 1, "rule": rules[0]}));
    let (back, problems) = read(&text);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(back, rules);
    for (text, problem) in [
        (text.replace("\"rulec\": 1", "\"rulec\": 2"), "NAT001"),
        (text.replace("\"log_sources\"", "\"logs\""), "NAT002"),
        (
            text.replace("\"operator\": \"in\"", "\"operator\": \"cidr\""),
            "NAT002",
        ),
        (
            text.replace("\"operator\": \"in\"", "\"operator\": \"none\""),
            "NAT002",
        ),
        ("{\"rulec\": 1}".to_owned(), "NAT002"),
        ("{\"rulec\": 1,".to_owned(), "NAT002"),
    ] {
        let (rules, problems) = read(&text);
        assert!(rules.is_empty());
        assert!(problems[0].starts_with(problem), "{problems:?}");
    }
    let events = json!([{"name": "a", "event": {"rulec": 1}, "expected": true}]).to_string();
    assert!(rulec::frontend::recognise(&events).is_none());
    assert!(rulec::frontend::recognise("{\"a\": {\"rulec\": 1}}").is_none());
}
