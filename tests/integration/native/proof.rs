//! A program that runs emitted modules over events and compares what they say with what the evaluator says.
//!
//! The events and what the evaluator says of them stand beside the modules, as texts of JSON, so that both sides read the same
//! numbers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rulec::backend::Native;
use rulec::eval;
use rulec::ir::{Function, Rule, Term};
use serde_json::{Value, json};

/// Modules, in a folder.
pub struct Proof {
    folder: PathBuf,
    modules: String,
    entries: String,
    pub written: usize,
    pub events: usize,
}

/// The functions of a module that give texts.
const TEXTS: &[&str] = &[
    "title",
    "dedup",
    "severity",
    "description",
    "runbook",
    "reference",
];

impl Proof {
    pub fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        Self {
            folder: folder.to_owned(),
            modules: String::new(),
            entries: String::new(),
            written: 0,
            events: 0,
        }
    }

    /// Adds the module that is emitted for a rule; `false` where there is none.
    pub fn emit(&mut self, rule: &Rule, events: &[Value]) -> bool {
        let translation = crate::read_back::export(rule, &Native);
        let is_module = |path: &Path| path.extension().is_some_and(|end| end == "rs");
        let module = translation
            .artifacts
            .iter()
            .find(|one| is_module(&one.path));
        let Some(module) = module else {
            return false;
        };
        self.add(rule, &module.text, events);
        true
    }

    /// Adds a module of a rule with what the evaluator says of events.
    fn add(&mut self, rule: &Rule, text: &str, events: &[Value]) {
        self.written += 1;
        let name = format!("m{}", self.written);
        std::fs::write(self.folder.join(format!("{name}.rs")), text).unwrap();
        let cases: Vec<Value> = events
            .iter()
            .map(|event| {
                let event = event.to_string();
                let read: Value = serde_json::from_str(&event).unwrap();
                json!([event, expected(rule, text, &read).to_string()])
            })
            .collect();
        self.events += cases.len();
        let cases = Value::Array(cases).to_string();
        std::fs::write(self.folder.join(format!("{name}.cases")), cases).unwrap();
        // As Rust writes it between quotes.
        let path = format!(
            "{:?}",
            self.folder.join(format!("{name}.rs")).to_str().unwrap()
        );
        writeln!(
            self.modules,
            "#[path = {path}]\n#[allow(dead_code)]\nmod {name};"
        )
        .unwrap();
        let slug = &rule.metadata.slug;
        writeln!(
            self.entries,
            "    check({name:?}, {slug:?}, &|event| json!({}), &mut wrong);",
            shown(&name, text)
        )
        .unwrap();
    }

    /// Writes the program, and returns where it stands.
    pub fn finish(&self) -> PathBuf {
        let folder = self.folder.to_str().unwrap();
        let Self {
            modules,
            entries,
            written,
            events,
            ..
        } = self;
        let text = format!(
            r#"use serde_json::{{json, Value}};

{modules}
fn check(name: &str, rule: &str, shown: &dyn Fn(&Value) -> Value, wrong: &mut usize) {{
    let cases = std::fs::read_to_string(format!("{{}}/{{name}}.cases", {folder:?})).unwrap();
    let cases: Vec<(String, String)> = serde_json::from_str(&cases).unwrap();
    for (event, expected) in cases {{
        let found = shown(&serde_json::from_str(&event).unwrap()).to_string();
        if found != expected {{
            *wrong += 1;
            if *wrong < 30 {{
                println!("{{name}} {{rule}}: {{event}}\n  evaluator {{expected}}\n  module    {{found}}");
            }}
        }}
    }}
}}

fn main() {{
    let mut wrong = 0;
{entries}
    println!("{written} modules executed on {events} events, {{wrong}} differences");
    std::process::exit(i32::from(wrong > 0));
}}
"#
        );
        let path = self.folder.join("proof.rs");
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// Whether the module has a public function of the name.
fn has(text: &str, name: &str) -> bool {
    text.contains(&format!("\npub fn {name}("))
}

/// What the module says of an event, as an object.
fn shown(module: &str, text: &str) -> String {
    let mut entries = Vec::new();
    let given = |name: &str| {
        let head = format!("\npub fn {name}(");
        let parameters = text
            .split_once(&head)
            .and_then(|(_, rest)| rest.split_once(')'));
        let is_timed = parameters.is_some_and(|(parameters, _)| parameters.contains("scan_time"));
        if is_timed { "event, None" } else { "event" }
    };
    for name in ["matches"]
        .iter()
        .chain(TEXTS)
        .chain(&["measured", "group", "outputs"])
    {
        if has(text, name) {
            entries.push(format!("{name:?}: {module}::{name}({})", given(name)));
        }
    }
    format!("{{{}}}", entries.join(", "))
}

/// What the evaluator says of an event, of what the module has a function for.
fn expected(rule: &Rule, text: &str, event: &Value) -> Value {
    let shown = eval::shown(rule, event);
    let mut expected = json!({ "matches": eval::matches(rule, event) });
    let texts = [
        shown.title,
        said(rule.alert.dedup.as_ref(), event),
        said(rule.alert.severity.as_ref(), event),
        shown.description,
        shown.runbook,
        shown.reference,
    ];
    for (name, said) in TEXTS.iter().zip(texts) {
        if has(text, name) {
            expected[*name] = json!(said);
        }
    }
    if let Some(threshold) = &rule.threshold {
        if has(text, "measured") {
            let of = match &threshold.measure {
                rulec::ir::Measure::Count => None,
                rulec::ir::Measure::DistinctCount(of)
                | rulec::ir::Measure::Sum(of)
                | rulec::ir::Measure::Average(of)
                | rulec::ir::Measure::Percentile { of, .. } => Some(of),
            };
            expected["measured"] = json!(of.and_then(|of| eval::value(of, event)));
        }
        if has(text, "group") {
            let group = Term::call(Function::List, threshold.group_by.clone());
            expected["group"] = json!(eval::value(&group, event));
        }
    }
    if has(text, "outputs") {
        let mut outputs = serde_json::Map::new();
        for (name, value) in shown.outputs {
            // What is computed over several events is left to who counts them.
            let of = rule.outputs.iter().filter(|output| output.name == name);
            let mut sources = of.map(|output| serde_json::to_string(&output.source).unwrap());
            if !sources.any(|source| source.contains("\"aggregate\":")) {
                outputs.insert(name, value);
            }
        }
        expected["outputs"] = outputs.into();
    }
    expected
}

fn said(term: Option<&Term>, event: &Value) -> Option<String> {
    let value = eval::value(term?, event).filter(|value| !value.is_null())?;
    Some(eval::text_of(&value))
}

/// Compiles the program with the crates that this test was built with, and runs it; the error says why that cannot be tried.
pub fn run(program: &Path) -> Result<String, String> {
    let tests = std::env::current_exe().map_err(|error| error.to_string())?;
    let crates = tests.parent().ok_or("the tests stand nowhere")?;
    let binary = program.with_extension("bin");
    let mut compiler = std::process::Command::new("rustc");
    compiler.args([
        "--edition",
        "2021",
        "--deny",
        "warnings",
        "--crate-name",
        "proof",
    ]);
    compiler
        .args(["-C", "debuginfo=0", "-o"])
        .arg(&binary)
        .arg(program);
    compiler
        .arg("-L")
        .arg(format!("dependency={}", crates.display()));
    for name in [
        "serde_json",
        "regex",
        "regex_syntax",
        "ipnet",
        "libm",
        "md5",
        "sha1",
        "sha2",
        "flate2",
    ] {
        let newest =
            newest(crates, name).ok_or_else(|| format!("there is no compiled `{name}`"))?;
        compiler
            .arg("--extern")
            .arg(format!("{name}={}", newest.display()));
    }
    let outcome = compiler
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    if !outcome.status.success() {
        let said = String::from_utf8_lossy(&outcome.stderr);
        // Crates of several builds may lie beside each other.
        for code in ["E0460", "E0461", "E0462", "E0463", "E0464", "E0514"] {
            if said.contains(code) {
                return Err(format!("the compiled crates do not go together: {code}"));
            }
        }
        let lines: Vec<&str> = said.lines().take(60).collect();
        panic!("{}", lines.join("\n"));
    }
    let ran = std::process::Command::new(binary).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(
        ran.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(said)
}

/// The library of a crate that was built last.
fn newest(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let start = format!("lib{name}-");
    let libraries = entries.filter(|entry| {
        let file = entry.file_name();
        let file = file.to_string_lossy();
        file.starts_with(&start) && file.ends_with(".rlib")
    });
    let built =
        libraries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())));
    built.max().map(|(_, path)| path)
}
