//! How long Panther rules take: generated ones, or those of the folder that `PANTHER_CORPUS` names.
//!
//! `cargo bench --bench panther` prints the time of each stage, and its ratio to reading the same documents as YAML alone, which
//! is what other machines and other runs can be compared by. Each stage is run several times and the shortest time counts.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures, and no part of the library"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use rulec::diagnostic::Diagnostics;
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::schema::Crosswalk;
use rulec::source::Sources;
use rulec::{Environment, eval, normalize, syntax};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rules that are generated.
const RULES: usize = 300;
/// Times that a stage is run.
const RUNS: usize = 5;

/// Files by path, and the documents among them.
struct Pack {
    files: IndexMap<PathBuf, Vec<u8>>,
    documents: Vec<PathBuf>,
}

fn main() {
    let pack = match std::env::var_os("PANTHER_CORPUS") {
        Some(folder) => read(Path::new(&folder)),
        None => generated(),
    };
    let (yaml, _) = shortest(|| read_yaml(&pack));
    let (alone, _) = shortest(|| import(&pack, false));
    let (together, rules) = shortest(|| import(&pack, true));
    let (settled, rules) = shortest(|| {
        let rules = rules.iter().cloned();
        rules.map(normalize::normalize).collect::<Vec<Rule>>()
    });
    let (judged, tests) = shortest(|| judge(&rules));
    println!(
        "{} documents, {} rules, {tests} tests",
        pack.documents.len(),
        rules.len()
    );
    for (stage, time) in [
        ("YAML alone", yaml),
        ("import, each for itself", alone),
        ("import", together),
        ("normalize", settled),
        ("tests", judged),
        ("import to tests", together + settled + judged),
    ] {
        let ratio = time.as_secs_f64() / yaml.as_secs_f64();
        println!("{stage:<24} {time:>10.1?}  {ratio:>6.2}");
    }
}

/// The shortest time of some runs, and what the last made.
fn shortest<T>(work: impl Fn() -> T) -> (Duration, T) {
    let mut best = Duration::MAX;
    let mut result = None;
    for _ in 0..RUNS {
        let start = Instant::now();
        let made = black_box(work());
        best = best.min(start.elapsed());
        result = Some(made);
    }
    (best, result.unwrap())
}

fn read_yaml(pack: &Pack) -> usize {
    let mut sources = Sources::new();
    let keys = pack.documents.iter().map(|path| {
        let text = String::from_utf8_lossy(&pack.files[path]).into_owned();
        let id = sources.add(path, text.clone());
        let documents = syntax::yaml::parse(id, &text).unwrap_or_default();
        let values = documents
            .iter()
            .filter_map(|parsed| parsed.value.as_ref().ok());
        values.count()
    });
    keys.sum()
}

fn import(pack: &Pack, together: bool) -> Vec<Rule> {
    let memory = Memory::default();
    let mut rules = Vec::new();
    for path in &pack.documents {
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let text = String::from_utf8_lossy(&pack.files[path]).into_owned();
        let id = sources.add(path, text);
        let own = Memory::default();
        let memory = if together { &memory } else { &own };
        let environment = Environment {
            loader: &pack.files,
            memory,
            crosswalk: Crosswalk::builtin(),
            tuning: Tuning::none(),
        };
        let found = rulec::import_with(id, None, &mut sources, &environment, &mut diagnostics);
        rules.extend(found.rules);
    }
    rules
}

/// Runs every test, and says how many there are.
fn judge(rules: &[Rule]) -> usize {
    let tests = rules
        .iter()
        .flat_map(|rule| rule.tests.iter().map(move |test| (rule, test)));
    tests
        .inspect(|(rule, test)| {
            black_box(eval::matches(rule, &test.event) == test.expected);
        })
        .count()
}

/// The files of a folder and those below it.
fn read(folder: &Path) -> Pack {
    let mut pack = Pack {
        files: IndexMap::new(),
        documents: Vec::new(),
    };
    let mut pending = vec![folder.to_owned()];
    while let Some(path) = pending.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            let is = |end: &str| path.extension().is_some_and(|extension| extension == end);
            if path.is_dir() {
                pending.push(path);
            } else if is("py") || is("yml") {
                pack.files
                    .insert(path.clone(), std::fs::read(&path).unwrap());
                if is("yml") {
                    pack.documents.push(path);
                }
            }
        }
    }
    pack
}

/// Rules in the manner of real ones: look-ups with defaults, a loop over a list of the event, a shared helper, a title.
fn generated() -> Pack {
    let helper = "def place(event):\n    return event.deep_get('requestParameters', 'bucketName', default='none')\n\n\ndef context(event):\n    return {'place': place(event), 'user': event.deep_get('userIdentity', 'arn'), 'ip': event.get('sourceIPAddress')}\n";
    let mut files = IndexMap::new();
    files.insert(
        PathBuf::from("global_helpers/helpers.py"),
        helper.as_bytes().to_vec(),
    );
    let mut documents = Vec::new();
    for at in 0..RULES {
        let yaml = format!(
            "AnalysisType: rule\nRuleID: Generated.{at}\nEnabled: true\nSeverity: Low\nLogTypes: [AWS.CloudTrail]\nFilename: rule_{at}.py\nTests:\n  - Name: yes\n    ExpectedResult: true\n    Log: {{eventName: Put{at}, sourceIPAddress: 8.8.8.8, resources: [{{type: Bucket, arn: 'a/{at}'}}]}}\n  - Name: no\n    ExpectedResult: false\n    Log: {{eventName: Get{at}}}\n"
        );
        let python = format!(
            "from helpers import context, place\n\nNAMES = {{'Put{at}', 'Delete{at}', 'Copy{at}'}}\n\n\ndef rule(event):\n    if event.get('eventName') not in NAMES or event.get('errorCode'):\n        return False\n    if event.get('sourceIPAddress', '').endswith('.internal'):\n        return False\n    for resource in event.get('resources') or []:\n        if resource.get('type') == 'Bucket' and resource.get('arn', '').split('/')[-1] == '{at}':\n            return True\n    return place(event).startswith('log{at}')\n\n\ndef title(event):\n    return f\"[{{event.deep_get('userIdentity', 'arn', default='nobody')}}] wrote to [{{place(event)}}]\"\n\n\ndef alert_context(event):\n    return context(event)\n"
        );
        let path = PathBuf::from(format!("rules/rule_{at}.yml"));
        files.insert(path.with_extension("py"), python.into_bytes());
        files.insert(path.clone(), yaml.into_bytes());
        documents.push(path);
    }
    Pack { files, documents }
}
