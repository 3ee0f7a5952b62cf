//! Where a rule's files stand in the snapshot's folder: below a folder per target, as its own file stands below the root.
//!
//! Invariant: no two rules share a folder, also where letter case does not count, and a rule's folder depends on its file's path
//! alone, unless two files differ in their endings only or a file has several rules.

use std::collections::BTreeSet;

/// The folders that are taken.
#[derive(Debug, Default)]
pub(super) struct Layout {
    taken: BTreeSet<String>,
}

impl Layout {
    /// The folder of a rule, below that of each target. `stem` names it among several rules of its file.
    pub(super) fn folder(&mut self, source: &str, stem: Option<&str>) -> String {
        let path: Vec<&str> = source.split('/').map(plain).collect();
        let path = path.join("/");
        let short = match path.rsplit_once('.') {
            Some((short, ending))
                if !ending.contains('/') && !short.is_empty() && !short.ends_with('/') =>
            {
                short
            }
            _ => &path,
        };
        let below = |folder: &str| match stem {
            Some(stem) => format!("{folder}/{stem}"),
            None => folder.to_owned(),
        };
        let numbered = (2..).map(|number| format!("{}_{number}", below(&path)));
        let mut names = [below(short), below(&path)].into_iter().chain(numbered);
        names
            .find(|name| self.taken.insert(name.to_lowercase()))
            .unwrap_or_default()
    }
}

/// A part of a path as it may stand below another folder: `..` is a name there.
fn plain(part: &str) -> &str {
    match part {
        "" | "." => "_",
        ".." => "up",
        part => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_where_the_rule_stands_and_is_its_own() {
        let mut layout = Layout::default();
        let mut of = |source: &str, stem| layout.folder(source, stem);
        assert_eq!(of("rules/aws/a.yml", None), "rules/aws/a");
        assert_eq!(of("rules/aws/a.yaml", None), "rules/aws/a.yaml");
        assert_eq!(of("rules/aws/A.json", None), "rules/aws/A.json");
        assert_eq!(of("rules/b.yml", Some("x")), "rules/b/x");
        assert_eq!(of("rules/b.yml", Some("x")), "rules/b.yml/x");
        assert_eq!(of("rules/b.yml", Some("x")), "rules/b.yml/x_2");
        assert_eq!(of("../other/c.yml", None), "up/other/c");
        assert_eq!(of("/c.yml", None), "_/c");
        assert_eq!(of("rules/.hidden", None), "rules/.hidden");
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_do_not_meet() {
        let mut layout = Layout::default();
        assert_eq!(layout.folder("a.yml", None), "a");
        assert_eq!(layout.folder("a/b.yml", None), "a/b");
    }
}
