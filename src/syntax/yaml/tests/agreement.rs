//! The quick reader against the thorough one: whatever it does not give up has the same values at the same places.
#![allow(
    clippy::disallowed_methods,
    reason = "tests read the files they are pointed at"
)]

use super::super::{Node, quick, thorough};
use crate::source::{SourceId, is_yaml};

/// Scalars whose meaning readers of YAML have disputed, and others beside them.
#[rustfmt::skip]
const SCALARS: &[&str] = &[
    "", "~", "null", "Null", "NULL", "nULL", "true", "True", "TRUE", "tRUE", "false", "yes", "on", "y", "0", "-0", "+0", "1",
    "-1", "+1", "007", "-007", "+007", "0x1f", "0X1f", "-0x1f", "+0x1f", "0o17", "-0o17", "017", "0b11", "-0b11", "0b12",
    "0x", "0xg", "1_000", "1e3", "1E3", "1e+3", "-1e-3", "1e999", "-1e999", "1.", ".5", "+.5", "-.5", "1.0", "-0.0", "00.5",
    "0.10", ".", "..", ".inf", "-.inf", "+.inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", "-.nan", "inf", "nan", "infinity",
    "-inf", "+nan", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "340282366920938463463374607431768211456", "0xffffffffffffffffff",
    "1.7976931348623157e308", "12345678901234567890.5", "2023-01-01", "2023-01-01T00:00:00Z", "12:30:45", "1.2.3.4", "+", "-",
    "--", "++1", "+-1", "-+1", "1-", "1 2", "a b", "a  b", "a:b", "a :b", "a: b", "a:", ":a", "a#b", "a #b", "#a", "?a",
    "? a", "?", "-a", "- a", "=", "<<", "a,b", "[a", "a]", "{a", "a}", "a[0]", "a{b}", "*", "*a", "&a b", "!a b", "!!str 1",
    "!!int 1", "!!int a", "! a", "|", ">", "|a", "%a", "@a", "`a`", "é", "\u{a0}", "a\u{a0}", "a\u{85}b", "a\u{2028}b",
    "\u{feff}", "a\tb", "\ta", "a\t", "a\u{7}", "a\u{7f}", "😀", "\"\"", "''", "\"a\"", "'a'", "\"a\" b", "'a' b", "\"a\" # b",
    "\"a\"# b", "'a''b'", "''''", "'a", "\"a", "\"a\\\"b\"", "\"\\n\\t\\r\\0\\a\\b\\e\\f\\v\\/\\ \\\\\"",
    "\"\\x41\\u0041\\U00000041\"", "\"\\ud83d\"", "\"\\u12\"", "\"\\q\"", "\"\\'\"", "\"\\N\\_\\L\\P\"", "\"a\tb\"",
    "'a\\nb'", "\" a \"", "' a '", "\"a\nb\"", "\"a\n\n b\"", "'a  \n   b'", "\"a \\\n  b\"", "\"a\\t \n  b\"",
    "\"a\n  \t b\"", "\"\n a\"", "\"a\n \"", "'a\n---\n'", "\"a\n  # b\"", "a\n b", "a\n  b\n\n  c", "a\n # b", "a #\n b",
    "a\n b: c", "a\n - b", "a\n [b]", "a\n \"b\"", "a\n --- b", "a\n ... b", "a\n  \tb", "[]", "[ ]", "{}", "{ }", "[a]",
    "[a, b]", "[a, b,]", "[,]", "[a,,b]", "[a b, c]", "[a: b]", "[a:b]", "[\"a\":b]", "[-]", "[- a]", "[a -]", "[-1]", "[?]",
    "[a?]", "[a:]", "[a:,b]", "[https://a/b?c=d]", "[\"a\" # b\n  ,c]", "[a # b\n  ,c]", "[\n  a,\n  b\n ]", "[\n a\n]",
    "[a\n b]", "[[a], {b: c}]", "{a: b}", "{a: b, c: d}", "{a: b,}", "{a}", "{a, b}", "{a: }", "{a:}", "{a: , b: c}",
    "{\"a\":1}", "{\"a\":\"b\",\"c\":[1]}", "{a:1}", "{'a' : 1}", "{a : 1}", "{\"a\"\n  : 1}", "{\"a\":\n  1}", "{? a : b}",
    "{a: b c}", "{a: b # c\n  }", "{ # c\n  a: b}", "{#c\n  a: b}", "{a: {b: [c, {d: e}]}}", "{a: 1, a: 2}", "{1: a}",
    "{null: a}", "{[a]: b}", "{a: b}: c", "[a]: b", "[a] b", "[a]# b", "[a] # b", "{a: \"b\n   c\"}", "{a: 'b'c}",
    "{a: |\n  b\n }", "{a: - b}", "|\n  a", "|\n  a\n", "|\n  a\n\n", "|-\n  a\n\n", "|+\n  a\n\n", ">\n  a\n  b\n\n  c\n",
    ">\n  a\n   b\n  c\n", ">\n  a\n\n   b\n\n  c\n", ">-\n  a\n  b", ">+\n  a\n\n\n", "|\n\n  a\n", "|\n    \n  a\n",
    "|\n  a\n    \n  b\n", "|\n  a\n    \n", "|\n  a\n \n  b\n", "|\n  a\n\t\n  b\n", "|\n  a\n  \t\n", "|\n  \ta\n",
    "|\n\ta\n", "|2\n   a\n", "|1-\n  a\n", "|-1\n  a\n", "|0\n  a\n", "|\n", "|\n\n", "|\n a: b\n", "| # c\n  a\n",
    "|# c\n  a\n", "|  \n  a\n", "| a\n  b\n", "|\n  a\n b\n", "|\n  a\n # b\n", "|\n  # a\n", ">\n\n\n  a\n",
    ">\n  a\n  \n  b\n", ">\n  \n  a\n", ">\n  a\n\n\n   b\n",
];

/// What a scalar is put into.
#[rustfmt::skip]
const FRAMES: &[&str] = &[
    "k: @", "k: @\n", "k: @\nl: 1\n", "k:\n  @\n", "k:\n  @\nl: 1\n", "- @\n- 1\n", "- k: @\n  l: 1\n", "k:\n- @\n- 1\n",
    "k:\n  - @\nl: 1\n", "@: 1\n", "@ : 1\nl: 2\n", "k:\n  @: 1\n", "- @: 1\n  l: 2\n", "- - @\n  - 1\n", "k: [@, 1]\n",
    "k: {l: @, m: 1}\n", "k: {@: 1}\n", "[@]\n", "{\"k\": @}\n", "@\n", "--- @\n", "---\nk: @\n---\nl: 1\n", "k: @ # c\n",
    "k:   @   \n", "k: @\n  # c\nl: 1\n", "k:\n  - l: @\n    m: 1\n  -\n  - 2\n",
];

/// Whole documents.
#[rustfmt::skip]
const DOCUMENTS: &[&str] = &[
    "", "\n", "# a\n", "---\n", "---\n# a\n", "---\na: 1", "--- \na: 1\n", "--- # c\na: 1\n", "---\ta: 1\n", "a: 1\n---\n",
    "a: 1\n...\n", "a: 1\n--- \nb: 2\n", "%YAML 1.2\n---\na: 1\n", "a: 1\n\n\n# c\n", " a: 1\n b: 2\n", " a: 1\nb: 2\n",
    "a: 1\n b: 2\n", "a:\n  b: 1\n c: 2\n", "a:\nb:\n", "a:\n- 1\nb:\n-\n- 2\n", "a:\n -\n  b\n", "a:\n  -\n   - b\n   -\n",
    "- a\n-\n- b: 1\n  c:\n  - 2\n", "- a\n- b\nc: 1\n", "a: 1\n- b\n", "a:\n  - b\n  c: 1\n", "a: &x 1\nb: *x\n",
    "a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n", "a: 1\na: 2\n", "a: 1\n\"a\": 2\n", "1: a\n\"1\": b\n", "? a\n: b\n", "a:\tb\n",
    "a: b\t\n", "\ta: b\n", "a:\n\tb: 1\n", "a: b: c\n", "a: - b\n", "- a: b: c\n", "\u{feff}a: 1\n",
    "a: 1\r\nb: |\r\n  c\r\n\r\n  d\r\ne: >\r\n  f\r\n  g\r\nh: \"i\r\n  j\"\r\n", "a: 1\rb: 2\n",
    "é: è # ê\nü: [ö, \"ä\" ]\n", "a: {\nb: 1\n}\n", "a: {\n  b: 1\n}\n", "a:\n  - {\n    b: 1\n  }\n",
    "a: [\n  1,\n  2 ]  # c\nb: 3\n", "a: [1\n", "a: ]\n", "{a: 1}\n{b: 2}\n", "[a]\n---\n{b: 1}\n", "a: 'b'\n  c: d\n",
    "a:\n  'b'\n", "a:\n  |\n  b\n", "a:\n  # c\n  b: 1\n# d\n  e: 2\n", "a: b\n # c\n d: e\n", "a: b\n # c\n d\n",
    "- \"a\n  b\"\n", "- 'a'\n - b\n", "-\ta\n", "- -\n- - -\n", "-- a\n", "---a: 1\n", "a: >\n  b\nc: d", "a: |-\n  b",
    "a: |\n  b\n   ", "a: |-\n  b\n   ", "a: |+\n  b\n\n ", "a: x # 1\n# 2\n  # 3\nb: y\n", "\"a\" : 1\n'b': 2\n\"c\":3\n",
    "a: 1 #\nb: #\nc: 2\n",
];

/// What the quick reader says otherwise than the thorough one.
fn disagreement(text: &str) -> Option<String> {
    let read = quick::documents(text)?;
    let judged = match thorough::documents(SourceId(0), text) {
        Ok(judged) => judged,
        Err(error) => return Some(format!("refused: {}", error.message)),
    };
    if read.len() != judged.len() {
        return Some(format!("{} documents, not {}", read.len(), judged.len()));
    }
    let pairs = read.into_iter().zip(judged);
    pairs
        .into_iter()
        .find_map(|((node, value), (place, judged))| {
            let judged = judged.map_err(|error| error.message);
            (Ok(&value) != judged.as_ref()).then(|| format!("{value} is {judged:?}"))?;
            (node != place).then(|| difference(&node, &place))
        })
}

fn difference(node: &Node<'_>, place: &Node<'_>) -> String {
    format!("{node:#?}\nis\n{place:#?}")
}

fn agree(text: &str) {
    if let Some(difference) = disagreement(text) {
        panic!("{text:?}: {difference}");
    }
}

/// A text in each frame, with its further lines as they are, indented, and indented with returns.
fn framed(text: &str) -> impl Iterator<Item = String> {
    let forms = [
        text.to_owned(),
        text.replace('\n', "\n  "),
        text.replace('\n', "\r\n    "),
    ];
    let framed = |text: String| FRAMES.iter().map(move |frame| frame.replace('@', &text));
    forms.into_iter().flat_map(framed)
}

#[test]
fn tricky_texts_are_read_alike() {
    let scalars = SCALARS.iter().flat_map(|scalar| framed(scalar));
    let documents = DOCUMENTS.iter().map(|text| (*text).to_owned());
    let mut quick = 0;
    for text in scalars.chain(documents) {
        agree(&text);
        quick += usize::from(quick::documents(&text).is_some());
    }
    assert!(quick > 8000, "{quick} are read at all");
}

/// Pieces that texts are put together from.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "a", "b", "1", "é", " ", "  ", "    ", "\n", "\n", "\n ", "\n  ", "\n    ", "\r\n", "\t", ":", ": ", ":\n", "- ", "-", "\n- ", "\n  - ", "\na: ", "\n  b: ",
    "#", " # c", "\n# c", "\n  # c", "[", "]", "{", "}", ",", ", ", "\"", "'", "\\", "\\n", "|\n", ">\n", "|-\n", "|+\n", ">-\n", "|", ">", "---", "\n---\n", "...",
    "?", "&a", "*a", "!a", "~", "null", "0", "x y",
];

/// A row of numbers without a pattern.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The text with a few pieces put in, taken out, or replaced.
fn damaged(mut text: String, numbers: &mut Numbers) -> String {
    for _ in 0..=numbers.below(8) {
        let mut place = || {
            let at = numbers.below(text.len() + 1);
            (at..=text.len()).find(|at| text.is_char_boundary(*at))
        };
        let at = place().unwrap();
        let end = text[at..].char_indices().nth(numbers.below(4));
        let end = end.map_or(text.len(), |(length, _)| at + length);
        let piece = PIECES[numbers.below(PIECES.len())];
        match numbers.below(4) {
            0 => text.replace_range(at..end, ""),
            1 => text.replace_range(at..end, piece),
            _ => text.insert_str(at, piece),
        }
    }
    text
}

#[test]
fn damaged_texts_are_read_alike() {
    let rounds = std::env::var("RULEC_YAML_ROUNDS");
    let rounds: usize = rounds.map_or(40_000, |rounds| rounds.parse().unwrap());
    let frames: Vec<String> = SCALARS.iter().flat_map(|scalar| framed(scalar)).collect();
    let mut numbers = Numbers(1);
    let mut quick = 0;
    for _ in 0..rounds {
        let whole = match numbers.below(3) {
            0 => DOCUMENTS[numbers.below(DOCUMENTS.len())].to_owned(),
            1 => frames[numbers.below(frames.len())].clone(),
            _ => "a:".to_owned(),
        };
        let text = damaged(whole, &mut numbers);
        agree(&text);
        quick += usize::from(quick::documents(&text).is_some());
    }
    assert!(quick > rounds / 10, "{quick} are read at all");
}

/// `RULEC_YAML_CORPUS` names folders, with the separator of `PATH` between them.
#[test]
fn real_files_are_read_alike() {
    let Some(folders) = std::env::var_os("RULEC_YAML_CORPUS") else {
        eprintln!("skipped real_files_are_read_alike: RULEC_YAML_CORPUS names no folders");
        return;
    };
    let mut pending: Vec<_> = std::env::split_paths(&folders).collect();
    let (mut files, mut given_up) = (0, Vec::new());
    let mut numbers = Numbers(1);
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        if !is_yaml(&path) {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        files += 1;
        agree(&text);
        if quick::documents(&text).is_none() {
            given_up.push(path);
        }
        for _ in 0..20 {
            agree(&damaged(text.clone(), &mut numbers));
        }
    }
    println!(
        "{} of {files} files are given up: {given_up:#?}",
        given_up.len()
    );
}
