//! What other translators get wrong without a word: each defect is a rule here, which is translated right, or refused with a code.
//!
//! A rule has events that show the defect, those that it matches and those that it does not. The rule itself has to say so of
//! them, and so has its translation, which is read back and asked about each as its target sees it; besides, both are held against
//! each other on the events that `rulec verify` makes. The emitted text holds what the defect would lose, and nothing of what it
//! would write in its place.

use rulec::backend::{self, Translation};
use rulec::diagnostic::{Code, Diagnostics, Severity};
use rulec::ir::{Origin, Rule, RuleTest};
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::{NoFiles, Sources};
use rulec::verify::{Limits, Outcome, verify};
use rulec::{eval, frontend};
use serde_json::{Value, json};

use crate::read_back;

const PROCESS: &str = "{product: windows, category: process_creation}";
const SECURITY: &str = "{product: windows, service: security}";
const CLOUDTRAIL: &str = "{product: aws, service: cloudtrail}";

/// What has to come of a rule.
enum Comes {
    /// A translation of this fidelity, with these parts in its text and without those.
    Text(
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    ),
    /// No rule, or no translation, for this reason.
    Refused(Code),
}

use Comes::{Refused, Text};

/// A defect.
struct Defect {
    /// What is lost, or made of it.
    name: &'static str,
    rule: String,
    to: &'static str,
    comes: Comes,
    /// Events that the rule matches.
    hits: Vec<Value>,
    /// Events that it does not match.
    misses: Vec<Value>,
}

/// A Sigma rule.
fn sigma(log_source: &str, detection: &str) -> String {
    format!(
        "title: Probe\nid: 5f1c3a10-0000-4000-8000-000000000001\nlogsource: {log_source}\ndetection:\n{detection}\nlevel: low\n"
    )
}

/// A Sentinel rule that alerts at more results than `above`.
fn sentinel(query: &str, above: usize) -> String {
    let query = query.replace('\n', "\n  ");
    format!(
        "id: 7d0e4b52-0000-4000-8000-000000000001\nname: Probe\nkind: Scheduled\nseverity: Low\nqueryFrequency: 1h\n\
         queryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: {above}\nquery: |\n  {query}\n"
    )
}

/// The rule, or the code of what keeps it from being read.
fn read(text: &str) -> Result<Rule, Code> {
    let format = frontend::recognise(text).expect("it is a rule of some format");
    let mut sources = Sources::new();
    let id = sources.add("rule.yml", text);
    let mut diagnostics = Diagnostics::new();
    let mut rules = rulec::import(id, Some(format), &mut sources, &NoFiles, &mut diagnostics);
    match rules.pop() {
        Some(rule) => Ok(normalize(rule)),
        None => Err(first_error(&diagnostics)),
    }
}

fn first_error(diagnostics: &Diagnostics) -> Code {
    let mut errors = diagnostics
        .iter()
        .filter(|said| said.severity == Severity::Error);
    errors.next().expect("what is refused has a reason").code
}

/// The text of all artifacts.
fn text(translation: &Translation) -> String {
    let texts = translation.artifacts.iter();
    texts.map(|artifact| artifact.text.as_str()).collect()
}

/// What is not as it has to be, if anything.
fn judge(defect: &Defect) -> Result<(), String> {
    let check = |is: bool, what: String| if is { Ok(()) } else { Err(what) };
    let mut rule = match (read(&defect.rule), &defect.comes) {
        (Ok(rule), _) => rule,
        (Err(code), Refused(expected)) => return check(code == *expected, format!("{code:?}")),
        (Err(code), Text(..)) => return Err(format!("it is not read: {code:?}")),
    };
    let hits = defect.hits.iter().map(|event| (event, true));
    let events: Vec<(&Value, bool)> = hits
        .chain(defect.misses.iter().map(|event| (event, false)))
        .collect();
    for (event, expected) in &events {
        let is = eval::matches(&rule, event) == *expected;
        check(is, format!("the rule says otherwise of {event}"))?;
    }
    let target = backend::target(defect.to).unwrap();
    let translation = read_back::export(&rule, target);
    let (fidelity, parts, others) = match &defect.comes {
        Refused(expected) => {
            check(
                translation.artifacts.is_empty(),
                "it is translated".to_owned(),
            )?;
            let code = first_error(&translation.report.diagnostics);
            return check(code == *expected, format!("{code:?}"));
        }
        Text(fidelity, parts, others) => (fidelity, parts, others),
    };
    let emitted = text(&translation);
    for part in *parts {
        check(emitted.contains(part), format!("no {part:?} in\n{emitted}"))?;
    }
    for other in *others {
        check(!emitted.contains(other), format!("{other:?} in\n{emitted}"))?;
    }
    let test = |(at, (event, expected)): (usize, &(&Value, bool))| RuleTest {
        name: format!("{at}"),
        event: (*event).clone(),
        expected: *expected,
        origin: Origin::default(),
    };
    rule.tests = events.iter().enumerate().map(test).collect();
    let limits = Limits { events: 300 };
    let translation = read_back::export(&rule, target);
    let found = verify(&rule, target, &translation, Crosswalk::builtin(), limits);
    check(
        found.outcome == Outcome::Verified,
        format!("{found:?}\n{emitted}"),
    )?;
    let claim = found.claim.name();
    check(
        claim == *fidelity,
        format!("{claim}: {:?}", translation.report),
    )?;
    check(
        found.tests.of == events.len(),
        format!("an event is not asked: {found:?}"),
    )?;
    check(found.events.of > 1, format!("{found:?}"))
}

fn judge_all(defects: &[Defect]) {
    let failed = defects.iter().filter_map(|defect| {
        let failed = judge(defect).err()?;
        Some(format!("{}: {failed}", defect.name))
    });
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// The defects of Sigma's converters to KQL.
#[test]
fn sigma_to_kql_keeps_what_a_value_and_a_field_say() {
    judge_all(&[
        Defect {
            name: "a backslash at the end of a value, before the wildcard that `contains` adds",
            rule: sigma(
                PROCESS,
                "  s:\n    Image|contains: '\\Spool\\'\n    CommandLine|startswith: 'D:\\'\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "exact",
                &["contains @\"\\Spool\\\"", "startswith @\"D:\\\""],
                &["*"],
            ),
            hits: vec![json!({"Image": "C:\\Spool\\a.exe", "CommandLine": "D:\\b"})],
            misses: vec![json!({"Image": "C:\\Spool*", "CommandLine": "D:\\b"})],
        },
        Defect {
            name: "`null` as a test that no text column passes",
            rule: sigma(
                PROCESS,
                "  s:\n    Image|endswith: '\\tool.exe'\n    ParentImage: null\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "wider",
                &["isempty(InitiatingProcessFolderPath)"],
                &["isnull", "None"],
            ),
            hits: vec![json!({"Image": "C:\\tool.exe"})],
            misses: vec![json!({"Image": "C:\\tool.exe", "ParentImage": "C:\\a.exe"})],
        },
        Defect {
            name: "a range of IPv6 below `not`, which is null and drops every row",
            rule: sigma(
                "{product: windows, category: network_connection}",
                "  s:\n    Image|endswith: '\\agent.exe'\n  f:\n    DestinationIp|cidr: ['fe80::/10', '10.0.0.0/8']\n  condition: s and not f",
            ),
            to: "sentinel",
            comes: Text(
                "narrower",
                &["ipv6_is_in_range", "not(coalesce("],
                &["ipv4_is_in_range(RemoteIP, \"fe80"],
            ),
            hits: vec![
                json!({"Image": "\\agent.exe", "DestinationIp": "198.51.100.4"}),
                json!({"Image": "\\agent.exe", "DestinationIp": "2001:db8::4"}),
                json!({"Image": "\\agent.exe"}),
            ],
            misses: vec![
                json!({"Image": "\\agent.exe", "DestinationIp": "fe80::4"}),
                json!({"Image": "\\agent.exe", "DestinationIp": "10.1.2.3"}),
            ],
        },
        Defect {
            name: "the id of an event dropped, so that failed logons are all logons",
            rule: sigma(
                SECURITY,
                "  s:\n    EventID: 4625\n    LogonType: 3\n  condition: s",
            ),
            to: "sentinel",
            comes: Text("exact", &["EventID == 4625", "LogonType == 3"], &[]),
            hits: vec![json!({"EventID": 4625, "LogonType": 3})],
            misses: vec![json!({"EventID": 4624, "LogonType": 3})],
        },
        Defect {
            name: "the id of an event dropped, and nothing left of the query",
            rule: sigma(SECURITY, "  s:\n    EventID: 4634\n  condition: s"),
            to: "sentinel",
            comes: Text("exact", &["EventID == 4634"], &[]),
            hits: vec![json!({"EventID": 4634})],
            misses: vec![json!({"EventID": 4647})],
        },
        Defect {
            name: "wildcards within the values of a list as parts in any order",
            rule: sigma(
                PROCESS,
                "  s:\n    Image: ['C:\\Users\\\\*\\drop.exe', 'D:\\\\*\\run.exe']\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "exact",
                &["matches regex", "(?is)", "^", "$"],
                &[" contains "],
            ),
            hits: vec![
                json!({"Image": "c:\\users\\ann\\drop.exe"}),
                json!({"Image": "D:\\x\\RUN.exe"}),
            ],
            misses: vec![
                json!({"Image": "\\drop.exe C:\\Users\\"}),
                json!({"Image": "C:\\Users\\ann\\drop.exe.bak"}),
                json!({"Image": "D:\\x\\drop.exe"}),
            ],
        },
        Defect {
            name: "a wildcard within a value without its ends and with the case of letters",
            rule: sigma(
                PROCESS,
                "  s:\n    CommandLine: 'svc*-add.admin'\n  condition: s",
            ),
            to: "sentinel",
            comes: Text("exact", &["(?is)^svc.*", "\\.admin$"], &[]),
            hits: vec![json!({"CommandLine": "SVC x -Add.Admin"})],
            misses: vec![
                json!({"CommandLine": "svc -addxadmin"}),
                json!({"CommandLine": "run svc -add.admin now"}),
            ],
        },
        Defect {
            name: "a rule about Linux sent to a table of Windows",
            rule: sigma(
                "{product: linux, service: syslog}",
                "  s:\n    message|contains: wiped log\n  condition: s",
            ),
            to: "sentinel",
            comes: Text("exact", &["Syslog\n"], &["SecurityEvent", "WindowsEvent"]),
            hits: vec![json!({"message": "Wiped log of host"})],
            misses: vec![json!({"message": "log"})],
        },
        Defect {
            name: "a rule about macOS sent to a table of Windows",
            rule: sigma(
                "{product: macos, category: process_creation}",
                "  s:\n    Image|endswith: /dscl\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "wider",
                &["DeviceProcessEvents\n"],
                &["SecurityEvent", "WindowsEvent"],
            ),
            hits: vec![json!({"Image": "/usr/bin/dscl"})],
            misses: vec![json!({"Image": "/usr/bin/dscl2"})],
        },
        Defect {
            name: "keywords as bare words, which Microsoft's parser rejects",
            rule: sigma(
                "{category: webserver}",
                "  k: ['union select', \"' or 1=1\"]\n  condition: k",
            ),
            to: "sentinel",
            comes: Refused(Code::Unsupported),
            hits: vec![json!({"query": "?q=1 UNION SELECT 2"})],
            misses: vec![json!({"query": "?q=union"})],
        },
        Defect {
            name: "a list of numbers as texts on a column of whole numbers",
            rule: sigma(SECURITY, "  s:\n    EventID: [4699, 4701]\n  condition: s"),
            to: "sentinel",
            comes: Text("exact", &["EventID in (4699, 4701)"], &["\"4699\""]),
            hits: vec![json!({"EventID": 4701})],
            misses: vec![json!({"EventID": 4700})],
        },
        Defect {
            name: "a field with a dot as a text of that name",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    userIdentity.arn|contains: ':assumed-role/'\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "exact",
                &["UserIdentityArn contains"],
                &["'userIdentity", "\"userIdentity"],
            ),
            hits: vec![json!({"userIdentity": {"arn": "arn:aws:sts::1:assumed-role/a"}})],
            misses: vec![json!({"userIdentity": {"arn": "arn:aws:iam::1:user/a"}})],
        },
        Defect {
            name: "`*` alone as what always holds",
            rule: sigma(
                PROCESS,
                "  s:\n    Image|endswith: '\\x.exe'\n    CommandLine: '*'\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "narrower",
                &["isnotempty(ProcessCommandLine)"],
                &["startswith"],
            ),
            hits: vec![json!({"Image": "\\x.exe", "CommandLine": "x"})],
            misses: vec![json!({"Image": "\\x.exe"})],
        },
        Defect {
            name: "the hour of a time as the time itself",
            rule: sigma(
                PROCESS,
                "  s:\n    Image|endswith: '\\x.exe'\n    UtcTime|hour: [1, 2]\n  condition: s",
            ),
            to: "sentinel",
            comes: Refused(Code::Unsupported),
            hits: vec![json!({"Image": "\\x.exe", "UtcTime": "2026-01-02 01:30:00"})],
            misses: vec![json!({"Image": "\\x.exe", "UtcTime": "2026-01-02 03:30:00"})],
        },
        Defect {
            name: "all parts of a text as whole terms",
            rule: sigma(
                PROCESS,
                "  s:\n    CommandLine|contains|all: ['dmi', 'n/st']\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "exact",
                &["contains \"dmi\"", "contains \"n/st\""],
                &["has"],
            ),
            hits: vec![json!({"CommandLine": "admin/start"})],
            misses: vec![json!({"CommandLine": "dmi"})],
        },
        Defect {
            name: "the case of letters where it counts",
            rule: sigma(
                PROCESS,
                "  s:\n    CommandLine|contains|cased: 'EnC'\n  condition: s",
            ),
            to: "sentinel",
            comes: Text("exact", &["contains_cs \"EnC\""], &[]),
            hits: vec![json!({"CommandLine": "-EnC x"})],
            misses: vec![json!({"CommandLine": "-enc x"})],
        },
        Defect {
            name: "the name of another field as a value",
            rule: sigma(
                PROCESS,
                "  s:\n    User|fieldref: ParentUser\n  condition: s",
            ),
            to: "sentinel",
            comes: Text(
                "narrower",
                &["EventData.User) =~ tostring(EventData.ParentUser)"],
                &["\"ParentUser\""],
            ),
            hits: vec![json!({"User": "Ann", "ParentUser": "ann"})],
            misses: vec![json!({"User": "ParentUser", "ParentUser": "ann"})],
        },
        Defect {
            name: "a placeholder of which nothing is known as a text",
            rule: sigma(PROCESS, "  s:\n    User|expand: '%Admins%'\n  condition: s"),
            to: "sentinel",
            comes: Refused(Code::SigmaPlaceholder),
            hits: Vec::new(),
            misses: Vec::new(),
        },
    ]);
}

/// The defects of Sigma's converter to Panther.
#[test]
fn sigma_to_panther_keeps_negations_cases_and_expressions() {
    judge_all(&[
        Defect {
            name: "`not` over a list, a number and null as requirements",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    eventName: DeleteTrail\n  f1:\n    awsRegion: [eu-west-1, us-east-1]\n  f2:\n    errorCode: null\n  \
                 f3:\n    requestParameters.count: 4\n  condition: s and not f1 and not f2 and not f3",
            ),
            to: "panther",
            comes: Text("exact", &["not", "errorCode"], &[]),
            hits: vec![
                json!({"eventName": "DeleteTrail", "awsRegion": "ap-south-1", "errorCode": "x", "requestParameters": {"count": 5}}),
            ],
            misses: vec![
                json!({"eventName": "DeleteTrail", "awsRegion": "eu-west-1", "errorCode": "x"}),
                json!({"eventName": "DeleteTrail", "awsRegion": "ap-south-1"}),
                json!({"eventName": "DeleteTrail", "awsRegion": "ap-south-1", "errorCode": "x", "requestParameters": {"count": 4}}),
            ],
        },
        Defect {
            name: "all parts as any of them",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    userAgent|contains|all: [boto, linux]\n  condition: s",
            ),
            to: "panther",
            comes: Text("exact", &["boto", "linux"], &["any(", " or "]),
            hits: vec![json!({"userAgent": "boto3 Linux"})],
            misses: vec![json!({"userAgent": "boto3"})],
        },
        Defect {
            name: "values with the case in which they were written",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    eventName: [StopLogging, DeleteTrail]\n    userAgent|endswith: CLI\n  condition: s",
            ),
            to: "panther",
            comes: Text(
                "exact",
                &["lower()", "\"stoplogging\""],
                &["\"StopLogging\""],
            ),
            hits: vec![json!({"eventName": "STOPLOGGING", "userAgent": "aws-cli"})],
            misses: vec![json!({"eventName": "StartLogging", "userAgent": "aws-cli"})],
        },
        Defect {
            name: "a regular expression at the start of the text alone, and its escapes twice",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    userAgent|re: '\\s-(u|--user)\\s'\n  condition: s",
            ),
            to: "panther",
            comes: Text("exact", &["search("], &["\\\\s", "re.match"]),
            hits: vec![json!({"userAgent": "tool -u ann"})],
            misses: vec![
                json!({"userAgent": "\\s-u\\s"}),
                json!({"userAgent": "-user"}),
            ],
        },
        Defect {
            name: "the flags of a regular expression",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    userAgent|re|i|s: 'a.c'\n  condition: s",
            ),
            to: "panther",
            comes: Text("exact", &["a.c"], &[]),
            hits: vec![json!({"userAgent": "A\nC"})],
            misses: vec![json!({"userAgent": "ac"})],
        },
        Defect {
            name: "`?` as a question mark, `.` as any character, an escaped `*` as a wildcard",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    userAgent: 'cmd?v1.*'\n    eventName: 'a\\*b*c'\n  condition: s",
            ),
            to: "panther",
            comes: Text("exact", &["cmd", "v1"], &[]),
            hits: vec![json!({"userAgent": "cmd-v1.2", "eventName": "a*bxc"})],
            misses: vec![
                json!({"userAgent": "cmd-v1x2", "eventName": "a*bxc"}),
                json!({"userAgent": "cmdv1.2", "eventName": "a*bxc"}),
                json!({"userAgent": "cmd-v1.2", "eventName": "axbxc"}),
            ],
        },
        Defect {
            name: "a range of addresses on a field that is not there as an exception",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    eventName: CreateUser\n  f:\n    sourceIPAddress|cidr: 10.0.0.0/8\n  condition: s and not f",
            ),
            to: "panther",
            comes: Text("exact", &["10.0.0.0/8"], &[]),
            hits: vec![
                json!({"eventName": "CreateUser"}),
                json!({"eventName": "CreateUser", "sourceIPAddress": "iam.amazonaws.com"}),
            ],
            misses: vec![json!({"eventName": "CreateUser", "sourceIPAddress": "10.9.8.7"})],
        },
        Defect {
            name: "a condition on a field that the target has no name for, dropped",
            rule: sigma(
                CLOUDTRAIL,
                "  s:\n    eventName: CreateUser\n    ParentCommandLine|contains: x\n  condition: s",
            ),
            to: "panther",
            comes: Refused(Code::UnmappedField),
            hits: vec![json!({"eventName": "CreateUser", "ParentCommandLine": "x"})],
            misses: vec![json!({"eventName": "CreateUser"})],
        },
        Defect {
            name: "a rule on a source without a log type, sent somewhere",
            rule: sigma(
                PROCESS,
                "  s:\n    Image|endswith: '\\x.exe'\n  condition: s",
            ),
            to: "panther",
            comes: Refused(Code::UnmappedSource),
            hits: vec![json!({"Image": "C:\\x.exe"})],
            misses: vec![json!({"Image": "C:\\y.exe"})],
        },
    ]);
}

/// The defects of translators that read KQL word by word.
#[test]
fn kql_is_read_whole() {
    judge_all(&[
        Defect {
            name: "`!=` as `=`",
            rule: sentinel(
                "SecurityEvent\n| where EventID == 4625 and LogonType != 3",
                0,
            ),
            to: "sigma",
            comes: Text("exact", &["LogonType: 3", "and not"], &[]),
            hits: vec![json!({"EventID": 4625, "LogonType": 10})],
            misses: vec![json!({"EventID": 4625, "LogonType": 3})],
        },
        Defect {
            name: "a comparison of numbers as an equality",
            rule: sentinel(
                "SecurityEvent\n| where EventID == 4769 and KeyLength > 0",
                0,
            ),
            to: "sigma",
            comes: Text("exact", &["KeyLength|gt: 0"], &["KeyLength: 0"]),
            hits: vec![json!({"EventID": 4769, "KeyLength": 1})],
            misses: vec![json!({"EventID": 4769, "KeyLength": 0})],
        },
        Defect {
            name: "a range of numbers as one of its ends",
            rule: sentinel("SecurityEvent\n| where EventID between (4720 .. 4726)", 0),
            to: "sigma",
            comes: Text("exact", &["EventID|gte: 4720", "EventID|lte: 4726"], &[]),
            hits: vec![json!({"EventID": 4723})],
            misses: vec![json!({"EventID": 4727}), json!({"EventID": 4719})],
        },
        Defect {
            name: "the name of a `let` as a value",
            rule: sentinel(
                "let Watched = dynamic([\"StopLogging\", \"DeleteTrail\"]);\nAWSCloudTrail\n| where EventName in~ (Watched)",
                0,
            ),
            to: "sigma",
            comes: Text("exact", &["StopLogging", "DeleteTrail"], &["Watched"]),
            hits: vec![json!({"eventName": "deletetrail"})],
            misses: vec![json!({"eventName": "Watched"})],
        },
        Defect {
            name: "both sides of a join as conditions on one event",
            rule: sentinel(
                "SecurityEvent\n| where EventID == 4688\n| join kind=inner (CommonSecurityLog | where DeviceVendor =~ \"Acme\") on Computer",
                0,
            ),
            to: "sigma",
            comes: Refused(Code::ResidueBlocks),
            hits: Vec::new(),
            misses: Vec::new(),
        },
        Defect {
            name: "a table of another system as Windows",
            rule: sentinel("OfficeActivity\n| where Operation == \"New-InboxRule\"", 0),
            to: "sigma",
            comes: Text(
                "exact",
                &["product: m365", "Operation|cased: New-InboxRule"],
                &["windows"],
            ),
            hits: vec![json!({"Operation": "New-InboxRule"})],
            misses: vec![json!({"Operation": "new-inboxrule"})],
        },
        Defect {
            name: "negated lists, terms and tests for a value, of which nothing is read",
            rule: sentinel(
                "AWSCloudTrail\n| where EventName !in (\"GetUser\", \"ListUsers\") and not(UserAgent has \"console\")\n| where isnotempty(SourceIpAddress)",
                0,
            ),
            to: "panther",
            comes: Text("exact", &["GetUser", "ListUsers", "console"], &[]),
            hits: vec![
                json!({"eventName": "getuser", "userAgent": "consoles", "sourceIPAddress": "192.0.2.1"}),
            ],
            misses: vec![
                json!({"eventName": "ListUsers", "sourceIPAddress": "192.0.2.1"}),
                json!({"eventName": "x", "userAgent": "aws-Console/1", "sourceIPAddress": "192.0.2.1"}),
                json!({"eventName": "x", "sourceIPAddress": ""}),
            ],
        },
        Defect {
            name: "a value with a pipe as two stages",
            rule: sentinel("Syslog\n| where SyslogMessage contains \"a | where b\"", 0),
            to: "sigma",
            comes: Text("exact", &["message|contains: a | where b"], &[]),
            hits: vec![json!({"message": "x A | where B"})],
            misses: vec![json!({"message": "a"})],
        },
        Defect {
            name: "a column that `parse` makes, dropped",
            rule: sentinel(
                "Syslog\n| where ProcessName == \"sshd\"\n| parse SyslogMessage with \"Failed for \" Who \" from \" *\n| where Who == \"root\"",
                0,
            ),
            to: "sigma",
            comes: Refused(Code::Unsupported),
            hits: vec![json!({"appname": "sshd", "message": "Failed for root from 192.0.2.1"})],
            misses: vec![json!({"appname": "sshd", "message": "Failed for ann from 192.0.2.1"})],
        },
        Defect {
            name: "a column that `parse` makes, in a language that can say it",
            rule: sentinel(
                "Syslog\n| where ProcessName == \"sshd\"\n| parse SyslogMessage with \"Failed for \" Who \" from \" *\n| where Who == \"root\"",
                0,
            ),
            to: "panther",
            comes: Text("exact", &["Failed for (.*?) from", "\"root\""], &[]),
            hits: vec![json!({"appname": "sshd", "message": "Failed for root from 192.0.2.1"})],
            misses: vec![json!({"appname": "sshd", "message": "Failed for ann from 192.0.2.1"})],
        },
    ]);
}

/// A threshold is a threshold in every target: the count, its comparison, its groups.
#[test]
fn thresholds_are_no_tests_of_fields() {
    let summary = sentinel(
        "SigninLogs\n| where ResultType == \"50126\" and UserPrincipalName != \"probe@corp.example\"\n\
         | summarize Failed = count() by IPAddress\n| where Failed >= 10",
        0,
    );
    let trigger = sentinel("AWSCloudTrail\n| where EventName == \"ConsoleLogin\"", 4);
    for (rule, to, parts) in [
        (
            &summary,
            "sigma",
            ["type: event_count", "gte: 10", "- callerIpAddress"].as_slice(),
        ),
        (&summary, "panther", &["Threshold: 10", "def dedup"]),
        (&trigger, "sigma", &["type: event_count", "gte: 5"]),
        (&trigger, "panther", &["Threshold: 5"]),
    ] {
        let rule = read(rule).unwrap();
        let translation = read_back::export(&rule, backend::target(to).unwrap());
        let emitted = text(&translation);
        for part in parts {
            assert!(
                emitted.contains(part),
                "{to}: no {part:?} in\n{emitted}\n{:?}",
                translation.report
            );
        }
        for other in [
            "Failed: 10",
            "Failed|gte",
            "UserPrincipalName: probe@corp.example\n    condition",
        ] {
            assert!(!emitted.contains(other), "{to}: {other:?} in\n{emitted}");
        }
        let target = backend::target(to).unwrap();
        let found = verify(
            &rule,
            target,
            &translation,
            Crosswalk::builtin(),
            Limits { events: 300 },
        );
        assert_eq!(found.outcome, Outcome::Verified, "{to}: {found:?}");
        assert!(found.counts.of >= 5, "{to}: {found:?}");
    }
}

/// What Sigma's rules lack, a rule in Panther has: tests, of both verdicts.
#[test]
fn a_rule_without_tests_gets_some() {
    let mut rule = read(&sigma(
        CLOUDTRAIL,
        "  s:\n    eventName: StopLogging\n  f:\n    userAgent|startswith: terraform\n  condition: s and not f",
    ))
    .unwrap();
    rule.tests = rulec::synthesis::missing_tests(&rule, &|_| true).into();
    let translation = read_back::export(&rule, backend::target("panther").unwrap());
    let emitted = text(&translation);
    assert!(emitted.contains("ExpectedResult: true"), "{emitted}");
    assert!(emitted.contains("ExpectedResult: false"), "{emitted}");
}
