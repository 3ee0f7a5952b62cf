//! No input makes rulec panic or hang: the example rules with pieces cut, doubled, swapped or replaced, and shapes that are deep
//! or long, go through import, normalization and every target.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rulec::backend::TARGETS;
use rulec::diagnostic::Diagnostics;
use rulec::diagnostic::render::{Colour, render};
use rulec::frontend::FRONTENDS;
use rulec::normalize::normalize;
use rulec::source::{Loader, Sources};

use crate::generate::Random;
use crate::rules::Disk;

/// The files of the example rules, by path.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files);
    files.sort();
    let texts = files.into_iter().map(|path| {
        let text = String::from_utf8(Disk.load(&path).unwrap().unwrap()).unwrap();
        (path, text)
    });
    texts.collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| {
            ["yml", "yaml", "py", "json"]
                .iter()
                .any(|known| end == *known)
        }) {
            files.push(path);
        }
    }
}

/// Imports the document at `path` with each frontend that could be asked for, and emits what comes out.
fn compile(path: &Path, files: &IndexMap<PathBuf, Vec<u8>>) {
    let text = String::from_utf8_lossy(&files[path]).into_owned();
    for format in std::iter::once(None).chain(FRONTENDS.iter().copied().map(Some)) {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let id = sources.add(path, text.clone());
        let rules = rulec::import(id, format, &mut sources, files, &mut diagnostics);
        let _ = render(&diagnostics, &sources, Colour::Always);
        for rule in rules {
            let rule = normalize(rule);
            let _ = rule.to_string();
            for target in TARGETS {
                let translation = crate::read_back::export(&rule, *target);
                let _ = render(&translation.report.diagnostics, &sources, Colour::Never);
            }
        }
    }
}

fn mutated(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = random.below(chars.len());
    let length = (1 + random.below(40)).min(chars.len() - at);
    match random.below(6) {
        0 => chars.truncate(at),
        1 => drop(chars.drain(at..at + length)),
        2 => {
            let copy: Vec<char> = chars[at..at + length].to_vec();
            chars.splice(at..at, copy);
        }
        3 => {
            let other = random.below(chars.len());
            chars.swap(at, other);
        }
        4 => {
            chars[at] = [
                '(', '"', '\'', '[', '{', '|', '\\', '\u{0}', 'é', '\n', ':', '-',
            ][random.below(12)];
        }
        _ => {
            let words = [
                "null",
                "not",
                "[]",
                "or",
                "-1",
                "{{",
                "0x",
                "lambda x: x",
                "| where",
                "in~",
                "*",
                "..",
                "yes",
            ];
            chars.splice(at..at + length, words[random.below(words.len())].chars());
        }
    }
    chars.into_iter().collect()
}

#[test]
fn broken_rules_are_reported() {
    let mut random = Random::new(23);
    let files = files();
    let whole: IndexMap<PathBuf, Vec<u8>> = files
        .iter()
        .map(|(path, text)| (path.clone(), text.clone().into_bytes()))
        .collect();
    for (path, text) in &files {
        // A companion file is reached through the documents of its folder.
        let documents: Vec<&PathBuf> = if path.extension().is_some_and(|end| end == "py") {
            whole
                .keys()
                .filter(|other| {
                    other.parent() == path.parent()
                        && other.extension().is_some_and(|end| end == "yml")
                })
                .collect()
        } else {
            vec![path]
        };
        for _ in 0..60 {
            let mut files = whole.clone();
            files.insert(path.clone(), mutated(text, &mut random).into_bytes());
            for document in &documents {
                compile(document, &files);
            }
        }
    }
}

#[test]
fn deep_and_long_inputs_are_reported() {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    let kql = |query: &str| {
        format!(
            "id: x\nname: x\nkind: Scheduled\nqueryFrequency: 1h\nquery: |\n  T | where {query}\n"
        )
    };
    let texts = [
        kql(&deep("(", ")")),
        kql(&deep("not(", ")")),
        kql(&deep("f(", ")")),
        kql(&format!("x == dynamic({})", deep("[", "]"))),
        kql(&"a == 1 or ".repeat(20_000)),
        kql(&"-".repeat(20_000)),
        format!(
            "title: x\nlogsource: {{product: aws}}\ndetection:\n  s: {{a: b}}\n  condition: {}\n",
            deep("(", ")").replace('1', "s")
        ),
        format!(
            "title: x\nlogsource: {{product: aws}}\ndetection:\n  s: {{a: b}}\n  condition: {}s\n",
            "not ".repeat(10_000)
        ),
        format!("{{\"rulec\": 1, \"rule\": {}}}", deep("[", "]")),
        deep("{a: ", "}"),
        "a: &a [x]\nb: [*a, *a]\n".to_owned(),
        String::new(),
        "\u{feff}".to_owned(),
        "- ".repeat(5_000),
    ];
    for text in texts {
        compile(
            Path::new("deep.yaml"),
            &IndexMap::from([(PathBuf::from("deep.yaml"), text.into_bytes())]),
        );
    }
    for python in [
        deep("(", ")"),
        deep("[", "]"),
        deep("f(", ")"),
        format!("{}True", "not ".repeat(10_000)),
        "a + ".repeat(10_000) + "1",
    ] {
        let yaml = "AnalysisType: rule\nRuleID: X\nEnabled: true\nSeverity: Low\nLogTypes: [AWS.CloudTrail]\nFilename: deep.py\n";
        let python = format!("def rule(event):\n    return {python}\n");
        let files = IndexMap::from([
            (PathBuf::from("deep.yaml"), yaml.as_bytes().to_vec()),
            (PathBuf::from("deep.py"), python.into_bytes()),
        ]);
        compile(Path::new("deep.yaml"), &files);
    }
}

/// Rules that would grow with every statement, or are large from the start.
#[test]
fn python_that_grows_comes_to_an_end() {
    let lines =
        |count: usize, line: &dyn Fn(usize) -> String| -> String { (0..count).map(line).collect() };
    let rule = |body: String, last: &str| format!("def rule(event):\n{body}    return {last}\n");
    let keys = |count: usize| -> String { lines(count, &|at| format!("'key{at}', ")) };
    let branches = lines(24, &|at| {
        format!(
            "    if event.get('k{at}'):\n        s += 'a{at}'\n    else:\n        s += 'b{at}'\n"
        )
    });
    let calls = lines(24, &|at| {
        format!(
            "def f{}(event, x):\n    if event.get('k{at}'):\n        return f{at}(event, x + '1')\n    return f{at}(event, x + '2')\n",
            at + 1
        )
    });
    let start = "    x = event.get('x', '')\n";
    for python in [
        rule(format!("    s = ''\n{branches}"), "s == 'x'"),
        format!(
            "def f0(event, x):\n    return x\n{calls}def rule(event):\n    return f24(event, '') == 'x'\n"
        ),
        rule(format!("{start}{}", "    x = x.replace('a', x)\n".repeat(40)), "x == 'y'"),
        rule(format!("{start}{}", "    x = str(x) + str(x)\n".repeat(40)), "x == 'y'"),
        rule(format!("{start}{}", "    x = f'{x}-{x}'\n".repeat(40)), "x == 'y'"),
        rule(format!("{start}{}", "    x = [x, x]\n".repeat(40)), "x == 'y'"),
        rule(
            lines(30, &|at| {
                format!("    try:\n        n = int(event['k{at}'])\n    except (KeyError, ValueError):\n        n = event.get('d{at}')\n")
            }),
            "n > 3",
        ),
        rule("    n = 0\n    while n < 10 ** 9:\n        n += 1\n".to_owned(), "n == 1"),
        "def f(x, n):\n    return x if n == 0 else f(x, n - 1) or f(x.get('a'), n - 1)\ndef rule(event):\n    return f(event, 18) == 1\n".to_owned(),
        format!("T = [{}]\n{}", keys(20_000), rule(String::new(), "event.get('a') in T")),
        format!("T = [{}]\n{}", keys(20_000), rule(String::new(), "any(t in event.get('a', '') for t in T)")),
        format!("T = {{{}}}\n{}", keys(9_000), rule(String::new(), "event.get('a') in (T & (T - {'key1'}))")),
        format!("T = [{}]\n{}", keys(300), rule(String::new(), "any(event.get(a) == event.get(b) for a in T for b in T)")),
        "T = 'x' * 10 ** 9\ndef rule(event):\n    return event.get('a') == T\n".to_owned(),
    ] {
        let yaml = "AnalysisType: rule\nRuleID: X\nEnabled: true\nSeverity: Low\nLogTypes: [AWS.CloudTrail]\nFilename: grow.py\n";
        let files = IndexMap::from([
            (PathBuf::from("grow.yaml"), yaml.as_bytes().to_vec()),
            (PathBuf::from("grow.py"), python.into_bytes()),
        ]);
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let id = sources.add("grow.yaml", yaml);
        let rules = rulec::import(id, None, &mut sources, &files, &mut diagnostics);
        for rule in rules {
            drop(normalize(rule));
        }
    }
}
