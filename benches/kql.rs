//! How long KQL takes: generated queries, or those of the folder that `KQL_CORPUS` names (`kql.jsonl` and `sentinel/`).
//!
//! `cargo bench --bench kql` prints what each stage makes of the queries and how fast, and the time that the rules of `sentinel/`
//! take from YAML to the IR: as a whole, and of that the document, the query's tree and its lowering. Binding is shown for
//! itself; the lowering does it where it asks for what it finds. Each stage is run several times on one core, and the shortest
//! time counts. With an argument only the stages are run whose name it is part of.
//! `tests/oracles/kql/speed.mjs` times Microsoft's parser on the same queries.
#![allow(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that measures, and no part of the library"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use rulec::bind::bind;
use rulec::diagnostic::Diagnostics;
use rulec::frontend::{Memory, Tuning};
use rulec::schema::Crosswalk;
use rulec::schema::kusto::Schemas;
use rulec::source::Sources;
use rulec::syntax::kql;
use rulec::syntax::yaml::{self, Step};
use rulec::{Environment, check, import_with};

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Queries that are generated.
const QUERIES: usize = 2_000;
/// Times that a stage is run.
const RUNS: usize = 7;

fn main() {
    let folder = std::env::var_os("KQL_CORPUS").map(PathBuf::from);
    let queries = folder.as_deref().map_or_else(generated, queries);
    let bytes: usize = queries.iter().map(String::len).sum();
    println!("{} queries, {bytes} bytes", queries.len());
    let rate = |stage: &str, work: &dyn Fn() -> usize| {
        if let Some(time) = time(stage, work) {
            println!("  {:>7.1} MB/s", bytes as f64 / 1e6 / time.as_secs_f64());
        }
    };
    rate("tokens alone", &|| {
        each(&queries, |text| kql::comments(text).len())
    });
    rate("parse", &|| {
        each(&queries, |text| kql::parse(text).errors.len())
    });
    let parsed: Vec<kql::Parsed> = queries.iter().map(|text| kql::parse(text)).collect();
    let sound = || parsed.iter().filter(|parsed| parsed.errors.is_empty());
    rate("bind", &|| sound().map(columns).sum());
    rate("print", &|| {
        sound().map(|parsed| kql::print(&parsed.query).len()).sum()
    });
    if let Some(folder) = folder {
        rules(&folder.join("sentinel"));
    }
}

/// Runs a stage that is asked for, and prints how long it took.
fn time(stage: &str, work: impl Fn() -> usize) -> Option<Duration> {
    // Cargo adds an argument of its own.
    let mut asked = std::env::args().skip(1).filter(|asked| asked != "--bench");
    let wanted = asked.next().is_none_or(|asked| stage.contains(&asked));
    wanted.then(|| {
        let time = shortest(work);
        print!("{stage:<24} {time:>10.1?}");
        time
    })
}

/// The shortest time of some runs.
fn shortest(work: impl Fn() -> usize) -> Duration {
    let run = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..RUNS).map(|_| run()).min().unwrap()
}

fn each(queries: &[String], work: impl Fn(&str) -> usize) -> usize {
    queries.iter().map(|text| work(text)).sum()
}

/// The time of whole rules.
fn rules(folder: &Path) {
    let mut files = Vec::new();
    collect(folder, &mut files);
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()))
        .collect();
    println!("{} rules", texts.len());
    let queries: Vec<String> = texts.iter().filter_map(query).collect();
    let parsed: Vec<kql::Parsed> = queries.iter().map(|text| kql::parse(text)).collect();
    let line = |stage: &str, work: &dyn Fn() -> usize| {
        let time = time(stage, work);
        if time.is_some() {
            println!();
        }
        time
    };
    let whole = line("rules: import", &|| texts.iter().map(import).sum());
    let parts = [
        line("  YAML", &|| texts.iter().map(read_yaml).sum()),
        line("  KQL parse", &|| {
            each(&queries, |text| kql::parse(text).errors.len())
        }),
    ];
    if let (Some(whole), [Some(yaml), Some(tree)]) = (whole, parts) {
        let rest = whole.saturating_sub(yaml + tree);
        println!("{:<24} {rest:>10.1?}", "  lower");
    }
    line("rules: bind", &|| parsed.iter().map(columns).sum());
    line("rules: import and check", &|| texts.iter().map(judge).sum());
}

/// A query's document names no other files.
fn no_files() -> IndexMap<PathBuf, Vec<u8>> {
    IndexMap::new()
}

fn environment<'e>(files: &'e IndexMap<PathBuf, Vec<u8>>, memory: &'e Memory) -> Environment<'e> {
    Environment {
        loader: files,
        memory,
        crosswalk: Crosswalk::builtin(),
        tuning: Tuning::none(),
    }
}

/// Values and places, as the import reads them.
fn read_yaml((path, text): &(PathBuf, String)) -> usize {
    let mut sources = Sources::new();
    let id = sources.add(path, text.clone());
    let documents = yaml::parse(id, text).unwrap_or_default();
    let values = documents
        .iter()
        .filter_map(|parsed| parsed.value.as_ref().ok());
    values.count()
}

fn query((path, text): &(PathBuf, String)) -> Option<String> {
    let mut sources = Sources::new();
    let id = sources.add(path, text.clone());
    let documents = yaml::parse(id, text).unwrap_or_default();
    let (query, _) = documents
        .first()?
        .document
        .embedded(&[Step::Key("query")])?;
    Some(query.to_owned())
}

fn columns(parsed: &kql::Parsed) -> usize {
    bind(&parsed.query, Schemas::builtin()).columns.len()
}

fn import((path, text): &(PathBuf, String)) -> usize {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add(path, text.clone());
    let (files, memory) = (no_files(), Memory::default());
    let environment = environment(&files, &memory);
    import_with(id, None, &mut sources, &environment, &mut diagnostics)
        .rules
        .len()
}

fn judge((path, text): &(PathBuf, String)) -> usize {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add(path, text.clone());
    let (files, memory) = (no_files(), Memory::default());
    let environment = environment(&files, &memory);
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    check(id, None, &sources, &mut diagnostics);
    found.rules.len()
}

/// The queries of a corpus that Microsoft's parser accepts.
fn queries(folder: &Path) -> Vec<String> {
    let lines = std::fs::read_to_string(folder.join("kql.jsonl")).unwrap();
    let entries = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries
        .filter(|entry| entry["ok"] == true)
        .map(|entry| entry["query"].as_str().unwrap().to_owned())
        .collect()
}

/// The YAML files of a folder and those below it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
        {
            files.push(path);
        }
    }
}

/// Queries in the manner of real ones: lists in `let`, filters, look-ups in parsed text, a join with a count.
fn generated() -> Vec<String> {
    let query = |at: usize| {
        format!(
            "let period = {}d;\nlet names = dynamic([\"Put{at}\", \"Delete{at}\", \"Copy{at}\"]);\n// What was done too often.\nAWSCloudTrail\n| where TimeGenerated > ago(period) and EventName in~ (names)\n| where isempty(ErrorCode) or ErrorMessage !has \"denied{at}\"\n| extend Account = tostring(parse_json(UserIdentitySessionContext).sessionIssuer.userName), Bucket = tostring(parse_json(RequestParameters).bucketName)\n| join kind=inner (\n    SigninLogs\n    | where ResultType == \"{at}\"\n    | summarize Failures = count(), Addresses = make_set(IPAddress, 100) by UserPrincipalName, bin(TimeGenerated, 1h)\n    | where Failures > {at}\n) on $left.UserIdentityUserName == $right.UserPrincipalName\n| summarize Count = count(), First = min(TimeGenerated), Regions = make_set(AWSRegion) by Account, Bucket, SourceIpAddress\n| project-reorder Account, Count\n| sort by Count desc\n",
            at % 14 + 1
        )
    };
    (0..QUERIES).map(query).collect()
}
