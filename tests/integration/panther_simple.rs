//! Rules without Python: what `--style simple` writes reads back as the same rule, and what does not fit is refused.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::backend::{Context, Panther, Style, Templates, Translation};
use rulec::diagnostic::Diagnostics;
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::Sources;

fn read(text: &str) -> Rule {
    let files: IndexMap<PathBuf, Vec<u8>> = IndexMap::new();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rule.yml", text);
    let mut rules = rulec::import(id, None, &mut sources, &files, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}\n{diagnostics:?}");
    normalize(rules.pop().unwrap())
}

fn written(rule: &Rule) -> Translation {
    let templates = Templates::builtin();
    let context = Context {
        style: Style::Simple,
        ..Context::new(Crosswalk::builtin(), &templates)
    };
    rulec::export_with(rule, &Panther, &context)
}

/// A rule with these match expressions, and with further keys.
fn document(detection: &str, keys: &str) -> String {
    format!(
        "AnalysisType: rule\nRuleID: Example.Rule\nEnabled: true\nSeverity: Low\n\
         LogTypes: [AWS.CloudTrail]\nDetection: {detection}\n{keys}"
    )
}

#[test]
fn what_is_written_reads_back_as_the_same_rule() {
    for (detection, keys) in [
        (
            "[{Key: eventName, Condition: Equals, Value: DeleteTrail}]",
            "",
        ),
        ("[{Key: eventName, Condition: IsIn, Values: [A, B]}]", ""),
        ("[{Key: eventName, Condition: IsNotIn, Values: [A, B]}]", ""),
        ("[{Key: a.b, Condition: IEquals, Value: Root}]", ""),
        (
            "[{DeepKey: [userIdentity, type], Condition: DoesNotEqual, Value: Root}]",
            "",
        ),
        (
            "[{DeepKey: [a, 0, b], Condition: IsGreaterThanOrEquals, Value: 5}]",
            "",
        ),
        ("[{KeyPath: 'a[*].b', Condition: Equals, Value: x}]", ""),
        (
            "[{Key: n, Condition: Equals, Value: true}, {Key: m, Condition: DoesNotExist}]",
            "",
        ),
        (
            "[{Key: n, Condition: IsNull}, {Key: m, Condition: IsNotNullOrEmpty}]",
            "",
        ),
        (
            "[{Key: eventName, Condition: DoesNotStartWith, Value: Get}]",
            "",
        ),
        ("[{Key: eventName, Condition: IEndsWith, Value: User}]", ""),
        (
            "[{Key: sourceIPAddress, Condition: IsIPAddressInCIDR, Values: [10.0.0.0/8]}]",
            "",
        ),
        (
            "[{Condition: IsLessThan, Values: [{Key: a}, {DeepKey: [b, c]}]}]",
            "",
        ),
        (
            "[{Any: [{Key: a, Condition: Equals, Value: 1}, {All: [{Key: b, Condition: IsNotNull}, \
             {None: [{Key: c, Condition: IsLessThan, Value: 2}]}]}]}]",
            "",
        ),
        (
            "[{Key: list, Condition: AnyElement, Expressions: [{Key: a, Condition: Equals, Value: x}, \
             {Key: b, Condition: DoesNotEqual, Value: y}]}]",
            "",
        ),
        (
            "[{Key: eventName, Condition: Equals, Value: DeleteTrail}]",
            "AlertTitle: 'Trail {requestParameters.name} deleted'\nThreshold: 3\n\
             GroupBy: [{Key: awsRegion}, {DeepKey: [userIdentity, arn]}]\n\
             DynamicSeverities: [{ChangeTo: High, Conditions: [{Key: awsRegion, Condition: Equals, Value: x}]}]\n\
             AlertContext: [{KeyName: name, KeyValue: {DeepKey: [requestParameters, name]}}]\n",
        ),
    ] {
        let rule = read(&document(detection, keys));
        let translation = written(&rule);
        let report = &translation.report;
        assert_eq!(translation.artifacts.len(), 1, "{detection}: {report:?}");
        let text = &translation.artifacts[0].text;
        let back = read(text);
        assert_eq!(back.selection, rule.selection, "{text}");
        assert_eq!(back.alert, rule.alert, "{text}");
        assert_eq!(back.threshold, rule.threshold, "{text}");
        let outputs = |rule: &Rule| -> Vec<(String, String)> {
            let outputs = rule.outputs.iter();
            outputs
                .map(|output| (output.name.clone(), output.source.to_string()))
                .collect()
        };
        assert_eq!(outputs(&back), outputs(&rule), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused_with_a_reason() {
    for (python, reason) in [
        (
            "def rule(event):\n    return event.get('a', '').upper() == 'X' and len(event.get('b', [])) > 2\n",
            "is no field",
        ),
        (
            "import re\n\n\ndef rule(event):\n    return bool(re.search('a+', event.get('a') or ''))\n",
            "no condition for `match`",
        ),
        (
            "def rule(event):\n    return event.get('a') == 1\n\n\ndef title(event):\n    return event.get('a').lower()\n",
            "a title is made of texts and fields",
        ),
    ] {
        let text = "AnalysisType: rule\nRuleID: Example.Rule\nEnabled: true\nSeverity: Low\n\
                    LogTypes: [Custom.Log]\nFilename: rule.py\n";
        let mut files: IndexMap<PathBuf, Vec<u8>> = IndexMap::new();
        files.insert("rule.py".into(), python.as_bytes().to_vec());
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let id = sources.add("rule.yml", text);
        let mut rules = rulec::import(id, None, &mut sources, &files, &mut diagnostics);
        let translation = written(&normalize(rules.pop().unwrap()));
        assert!(translation.artifacts.is_empty(), "{python}");
        let found = format!("{:?}", translation.report.diagnostics);
        assert!(found.contains(reason), "{found}");
    }
}
