//! The proof of Sigma's reading: events synthesised from real rules, and what rulec says of them.
//!
//! `RULEC_SIGMA_RULES` names a folder of Sigma rules that is no part of the repository. Each of its rules is read without log
//! sources, so that names and types are those of the rule alone, and with them. The events that its condition calls for are written
//! with their verdicts to the file that `RULEC_SIGMA_CASES` names, for other engines to judge (`tests/oracles/sigma/verdicts.py`).
//! Here it is asked that a rule says the same of an event whether its log source is known or not, as far as the event is one of
//! the log source's, that its normal form says the same, and that what is written as Sigma again reads back to the same.
//! `RULEC_SIGMA_EMITTED` names a folder for the rules that are written. Without a folder of rules the tests say so and pass.

mod flat;
mod recorded;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rulec::backend::target;
use rulec::diagnostic::{Diagnostics, Severity};
use rulec::frontend::{Memory, Tuning, format};
use rulec::ir::{Condition, LogSource, Rule, SharedVec};
use rulec::normalize::normalize;
use rulec::schema::{Crosswalk, LogSourceMap, SigmaSource};
use rulec::source::{NoFiles, Sources};
use rulec::synthesis::{Limits, Synthesis, synthesise};
use rulec::{Environment, eval};
use serde_json::{Value, json};

use crate::folder::files;
use crate::read_back;

/// How many events of a rule are judged.
const LIMITS: Limits = Limits {
    events: 2_000,
    values: 200,
    varied: 2,
};

/// The rules of a file, and what stands in their way.
fn import(path: &Path, crosswalk: &Crosswalk) -> (Vec<Rule>, Vec<String>) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(path, text);
    let mut diagnostics = Diagnostics::default();
    let memory = Memory::default();
    let environment = Environment {
        loader: &NoFiles,
        memory: &memory,
        crosswalk,
        tuning: Tuning::none(),
    };
    let sigma = format("sigma");
    let imported = rulec::import_with(id, sigma, &mut sources, &environment, &mut diagnostics);
    let errors = diagnostics.iter();
    let errors = errors.filter(|found| found.severity == Severity::Error);
    let errors = errors.map(|found| found.message.clone()).collect();
    (imported.rules, errors)
}

/// The folder of rules; nothing where none is named.
fn corpus() -> Option<PathBuf> {
    std::env::var_os("RULEC_SIGMA_RULES").map(PathBuf::from)
}

fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths = files(folder);
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "yml"));
    paths
}

/// Whether a rule selects single events and does no more.
fn is_plain(rule: &Rule) -> bool {
    rule.threshold.is_none() && rule.correlation.is_none() && rule.pipeline.is_none()
}

/// The log source of a rule that was read without any, and what its name asks of the events.
fn source_of<'c>(rule: &Rule, crosswalk: &'c Crosswalk) -> Option<(&'c LogSourceMap, Condition)> {
    let [LogSource::Unknown { name, .. }] = rule.log_sources.as_slice() else {
        return None;
    };
    let mut parts = name
        .split('/')
        .map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
    let wanted = SigmaSource {
        product: parts.next()?,
        category: parts.next()?,
        service: parts.next()?,
    };
    let (map, named) = crosswalk.by_sigma(&wanted)?;
    Some((map, named.condition()))
}

/// What became of all rules.
#[derive(Default)]
struct Tally {
    rules: usize,
    others: usize,
    events: usize,
    hits: usize,
    /// Goals without an event, and rules without a hit.
    unmet: usize,
    without_hit: Vec<String>,
    cut: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

/// The events of one rule, by the names of its format, and its verdicts on them.
fn case(name: &str, plain: &Rule, known: Option<&Rule>, tally: &mut Tally) -> Value {
    let made = synthesise(&plain.selection, &LIMITS);
    tally.unmet += made.unmet.len();
    tally.cut += usize::from(made.cut);
    if made.hits().next().is_none() {
        tally.without_hit.push(name.to_owned());
    }
    let normal = normalize(plain.clone());
    for one in &made.events {
        if eval::matches(&normal, &one.event) != one.matches {
            tally
                .wrong
                .push(format!("{name}: normal form: {}", one.event));
        }
    }
    let mut events: Vec<Value> = made.events.into_iter().map(|made| made.event).collect();
    if let Some(known) = known {
        events.extend(agreed(name, plain, known, tally));
    }
    let verdicts: Vec<bool> = events
        .iter()
        .map(|event| eval::matches(plain, event))
        .collect();
    tally.events += events.len();
    tally.hits += verdicts.iter().filter(|matches| **matches).count();
    let rows: Vec<Value> = events
        .iter()
        .map(|event| flat::row(&plain.selection, event))
        .collect();
    json!({"rule": name, "title": plain.metadata.name, "id": plain.metadata.id, "events": rows, "verdicts": verdicts})
}

/// The events that the rule with its log source calls for, by the names of the rule; that both readings agree on them is asked.
fn agreed(name: &str, plain: &Rule, known: &Rule, tally: &mut Tally) -> Vec<Value> {
    let Some((map, part)) = source_of(plain, Crosswalk::builtin()) else {
        return Vec::new();
    };
    let made: Synthesis = synthesise(&known.selection, &LIMITS);
    let mut events = Vec::new();
    for one in made.events {
        if !eval::holds(&part, &one.event) || !flat::is_of(map, &known.selection, &one.event) {
            continue;
        }
        let Some(event) = flat::plain(map, &plain.selection, &known.selection, &one.event) else {
            continue;
        };
        if eval::matches(plain, &event) != one.matches {
            tally
                .wrong
                .push(format!("{name}: log source: {} as {event}", one.event));
        }
        events.push(event);
    }
    events
}

#[test]
fn rules_say_what_they_say_without_log_sources() {
    let Some(folder) = corpus() else {
        eprintln!(
            "skipped rules_say_what_they_say_without_log_sources: RULEC_SIGMA_RULES names no folder"
        );
        return;
    };
    let cases = std::env::var_os("RULEC_SIGMA_CASES").map(PathBuf::from);
    let mut out = cases.map(|path| std::io::BufWriter::new(std::fs::File::create(path).unwrap()));
    let (mut tally, none) = (Tally::default(), Crosswalk::default());
    for path in rule_files(&folder) {
        let (plain, errors) = import(&path, &none);
        let (known, _) = import(&path, Crosswalk::builtin());
        for error in errors {
            *tally.refused.entry(error).or_default() += 1;
        }
        for (at, rule) in plain.iter().enumerate() {
            if !is_plain(rule) {
                tally.others += 1;
                continue;
            }
            tally.rules += 1;
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
            let known = known.get(at).filter(|_| known.len() == plain.len());
            let mut case = case(name, rule, known, &mut tally);
            case["at"] = json!(at);
            case["of"] = json!(plain.len());
            if let Some(out) = &mut out {
                writeln!(out, "{case}").unwrap();
            }
        }
    }
    eprintln!("{}", summary(&tally));
    assert!(
        tally.wrong.is_empty(),
        "{} verdicts differ",
        tally.wrong.len()
    );
}

fn summary(tally: &Tally) -> String {
    let mut text = format!(
        "{} rules ({} others), {} events, {} hits, {} goals without an event, {} rules cut\n",
        tally.rules, tally.others, tally.events, tally.hits, tally.unmet, tally.cut
    );
    for (reason, count) in &tally.refused {
        writeln!(text, "refused {count}: {reason}").unwrap();
    }
    for name in &tally.without_hit {
        writeln!(text, "no hit: {name}").unwrap();
    }
    for wrong in tally.wrong.iter().take(40) {
        writeln!(text, "{}", wrong.chars().take(600).collect::<String>()).unwrap();
    }
    text
}

/// The condition with the parts of each `all` and `any` in one order.
fn ordered(condition: &Condition) -> Condition {
    condition.clone().map(&mut |node| match node {
        Condition::All(parts) => Some(Condition::All(in_order(parts))),
        Condition::Any(parts) => Some(Condition::Any(in_order(parts))),
        _ => None,
    })
}

fn in_order(parts: &[Condition]) -> SharedVec<Condition> {
    let mut parts = parts.to_vec();
    parts.sort_by_key(Condition::fingerprint);
    parts.into()
}

#[test]
fn emitted_rules_read_back() {
    let Some(folder) = corpus() else {
        eprintln!("skipped emitted_rules_read_back: RULEC_SIGMA_RULES names no folder");
        return;
    };
    let emitted = std::env::var_os("RULEC_SIGMA_EMITTED").map(PathBuf::from);
    let (mut same, mut alike, mut differ, mut refused) =
        (0, 0, Vec::new(), BTreeMap::<String, usize>::new());
    for path in rule_files(&folder) {
        let name = path
            .strip_prefix(&folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        for rule in import(&path, Crosswalk::builtin()).0 {
            let rule = normalize(rule);
            let back = read_back::through(&rule, target("sigma").unwrap());
            let Some(read) = &back.rule else {
                for found in &back.translation.report.diagnostics {
                    *refused.entry(found.message.clone()).or_default() += 1;
                }
                continue;
            };
            if let Some(folder) = &emitted {
                for artifact in &back.translation.artifacts {
                    let path = folder.join(name.replace(['/', '\\'], "__"));
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, &artifact.text).unwrap();
                }
            }
            let made = synthesise(&rule.selection, &LIMITS);
            let wrong = made
                .events
                .iter()
                .find(|made| eval::matches(read, &made.event) != made.matches);
            if let Some(wrong) = wrong {
                differ.push(format!("{name}: {}", wrong.event));
            } else if ordered(&read.selection) == ordered(&rule.selection) {
                same += 1;
            } else {
                alike += 1;
                if alike <= 10 {
                    eprintln!("alike: {name}\n  {}\n  {}", rule.selection, read.selection);
                }
            }
        }
    }
    eprintln!(
        "{same} read back to the same, {alike} alike on every event, {} differ, refused: {refused:?}",
        differ.len()
    );
    assert!(
        differ.is_empty(),
        "{}",
        differ[..differ.len().min(20)].join("\n")
    );
}
