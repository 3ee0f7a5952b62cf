//! Texts with free places: what a text operator asks of a text, and the texts that follow several of them at once.
//!
//! A shape is runs of letters with any text between them: `["a", "b"]` are the texts that start with `a` and end with `b`,
//! `["", "a", ""]` those that hold `a`, `["a"]` is `a` alone. Shapes say what may match; whether a text does is for the evaluator.

/// The runs of a text, any text standing between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape(Vec<String>);

/// What stands in a free place so that something stands there.
const FILLER: &str = "x";

impl Shape {
    /// This text and no other.
    pub(super) fn whole(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }

    /// Texts that hold the text; start with it where `before` is not free, end with it where `after` is not.
    pub(super) fn part(text: &str, before: bool, after: bool) -> Self {
        let mut runs = vec![text.to_owned()];
        if before {
            runs.insert(0, String::new());
        }
        if after {
            runs.push(String::new());
        }
        Self(runs)
    }

    /// The runs themselves; at least one.
    pub(super) fn runs(runs: Vec<String>) -> Self {
        Self(if runs.is_empty() {
            vec![String::new()]
        } else {
            runs
        })
    }

    /// The texts that follow a pattern of `*`, `?` and escaped letters.
    pub(super) fn wildcard(pattern: &str) -> Self {
        let mut runs = vec![String::new()];
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            let plain = match c {
                '*' => {
                    runs.push(String::new());
                    continue;
                }
                '?' => 'a',
                '\\' => chars.next().unwrap_or('\\'),
                c => c,
            };
            if let Some(last) = runs.last_mut() {
                last.push(plain);
            }
        }
        Self(runs)
    }

    /// The same, its longest run without the last letter: what just does not match. Nothing where no run has a letter.
    pub(super) fn shortened(&self) -> Option<Self> {
        let mut runs = self.0.clone();
        // The first of the longest.
        let longest = runs.iter_mut().rev().max_by_key(|run| run.len())?;
        longest.pop()?;
        Some(Self(runs))
    }

    fn is_whole(&self) -> bool {
        self.0.len() == 1
    }

    fn start(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    fn end(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    fn middle(&self) -> &[String] {
        match self.0.as_slice() {
            [_, middle @ .., _] => middle,
            _ => &[],
        }
    }
}

/// Texts that are likely to follow all shapes, the plainest first.
pub(super) fn compose(shapes: &[&Shape]) -> Vec<String> {
    if let Some(whole) = shapes.iter().find(|shape| shape.is_whole()) {
        return vec![whole.start().to_owned()];
    }
    let longest = |runs: Vec<&str>| {
        runs.into_iter()
            .rev()
            .max_by_key(|run| run.len())
            .unwrap_or("")
            .to_owned()
    };
    let start = longest(shapes.iter().map(|shape| shape.start()).collect());
    let end = longest(shapes.iter().map(|shape| shape.end()).collect());
    let middle: Vec<&str> = shapes
        .iter()
        .flat_map(|shape| shape.middle())
        .map(String::as_str)
        .filter(|run| !run.is_empty())
        .collect();
    let mut texts: Vec<String> = Vec::new();
    for between in ["", " ", FILLER] {
        let inner = middle.join(between);
        let edge = |run: &str| if run.is_empty() { "" } else { between };
        for text in [
            [&start, edge(&start), &inner, edge(&end), &end].concat(),
            [&start, between, &inner, between, &end].concat(),
        ] {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    // One run may be part of another: `a.exe` that starts with `a` and holds `.exe`.
    let runs = [start.as_str(), end.as_str()].into_iter().chain(middle);
    let overlapped = longest(runs.collect());
    if !texts.contains(&overlapped) {
        texts.push(overlapped);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_put_together() {
        let starts = Shape::part("C:\\", false, true);
        let holds = Shape::part("temp", true, true);
        let ends = Shape::part(".exe", true, false);
        let texts = compose(&[&holds, &starts, &ends]);
        assert_eq!(texts[0], "C:\\temp.exe");
        assert!(texts.contains(&"C:\\xtempx.exe".to_owned()));
        assert_eq!(compose(&[&starts, &Shape::whole("a")]), ["a"]);
    }

    #[test]
    fn a_wildcard_is_a_shape() {
        assert_eq!(Shape::wildcard("*a?\\*b*"), Shape::part("aa*b", true, true));
        assert_eq!(Shape::wildcard("a"), Shape::whole("a"));
    }

    #[test]
    fn the_longest_run_is_shortened() {
        let shape = Shape::wildcard("ab*abc*d");
        assert_eq!(shape.shortened(), Some(Shape::wildcard("ab*ab*d")));
        assert_eq!(Shape::wildcard("*").shortened(), None);
    }
}
