//! The words of KQL: which of them are keywords, and where a keyword may still be a name.
//!
//! Kusto reserves few words everywhere. A word is free, or usable as a name anywhere, or usable only where a name is declared
//! (`extend title = ...`), or reserved; a reserved word is written as `['where']`. The tables are sorted.

/// Words in order, found by their first letter: almost every word of a query is looked up several times.
struct Words {
    words: &'static [&'static str],
    /// Where the words begin that start with `a` to `z`, with one place before for all others and the end behind.
    starts: [usize; 28],
}

impl Words {
    const fn new(words: &'static [&'static str]) -> Self {
        let mut starts = [0; 28];
        let mut letter = 0;
        let mut at = 0;
        while at < words.len() {
            let place = Self::place(words[at].as_bytes()[0]);
            while letter < place {
                letter += 1;
                starts[letter] = at;
            }
            at += 1;
        }
        while letter < 27 {
            letter += 1;
            starts[letter] = words.len();
        }
        Self { words, starts }
    }

    /// Where the words with this first letter stand.
    const fn place(first: u8) -> usize {
        if first.is_ascii_lowercase() {
            (first - b'a') as usize + 1
        } else {
            0
        }
    }

    fn contains(&self, word: &str) -> bool {
        let place = Self::place(word.bytes().next().unwrap_or_default());
        let words = self.words.get(self.starts[place]..self.starts[place + 1]);
        words.is_some_and(|words| words.contains(&word))
    }
}

/// Keywords that may be declared as names, but not used without brackets.
const DECLARABLE: Words = Words::new(&[
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "earliest",
    "externaldata",
    "find",
    "has",
    "in",
    "invoke",
    "latest",
    "materialize",
    "mdm",
    "of",
    "print",
    "sample",
    "sample-distinct",
    "search",
    "set",
    "sql",
    "title",
    "to",
    "top-hitters",
    "top-nested",
    "toscalar",
    "totable",
    "verbose",
    "viewers",
    "where",
]);

/// Keywords that are no names without brackets.
const RESERVED: Words = Words::new(&[
    "3Dchart",
    "__contextual_datatable",
    "__crossCluster",
    "__crossDB",
    "__executeAndCache",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__projectAway",
    "__sourceColumnIndex",
    "and",
    "anomalychart",
    "areachart",
    "asc",
    "bagexpansion",
    "barchart",
    "between",
    "bin_legacy",
    "boolean",
    "byte",
    "cachingpolicy",
    "callout",
    "cancel",
    "card",
    "char",
    "columnchart",
    "contains_cs",
    "containscs",
    "cycles",
    "dataexport",
    "datascope",
    "date",
    "datetime",
    "decimal",
    "decodeblocks",
    "desc",
    "double",
    "dynamic",
    "encodingpolicy",
    "endswith",
    "endswith_cs",
    "expandoutput",
    "extent_tags_retention",
    "external_data",
    "first",
    "flags",
    "float",
    "force_remote",
    "harddelete",
    "hardretention",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "hotcache",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "isfuzzy",
    "journal",
    "kind",
    "ladderchart",
    "last",
    "like",
    "likecs",
    "linechart",
    "long",
    "missing",
    "nooptimization",
    "notcontains",
    "notcontainscs",
    "notlike",
    "notlikecs",
    "or",
    "others",
    "pathformat",
    "piechart",
    "pivotchart",
    "project",
    "queries",
    "query_results",
    "real",
    "relaxed",
    "restricted_view_access",
    "row_level_security",
    "rowstore",
    "rowstore_references",
    "rowstore_sealinfo",
    "rowstorepolicy",
    "rowstores",
    "scatterchart",
    "seal",
    "seals",
    "shards",
    "simple",
    "softdelete",
    "softretention",
    "stackedareachart",
    "startswith",
    "startswith_cs",
    "statistics",
    "storedqueryresultcontainers",
    "string",
    "tablepurge",
    "time",
    "timechart",
    "timeline",
    "timepivot",
    "timespan",
    "treemap",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulong",
    "union",
    "uniqueid",
    "unrestrictedviewers",
    "views",
    "with_itemindex",
    "with_match_id",
    "with_source",
    "with_step_name",
    "withsource",
    "writeaheadlog",
]);

/// Keywords that hold a dash; everywhere else a dash is a minus.
const DASHED: Words = Words::new(&[
    "assert-schema",
    "granny-asc",
    "granny-desc",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "macro-expand",
    "make-graph",
    "make-series",
    "materialized-view-combine",
    "mv-apply",
    "mv-expand",
    "parse-kv",
    "parse-where",
    "partitioned-by",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "sample-distinct",
    "top-hitters",
    "top-nested",
]);

/// Operators that start with an exclamation mark and a letter, without the mark.
const NEGATED: Words = Words::new(&[
    "between",
    "contains",
    "contains_cs",
    "endswith",
    "endswith_cs",
    "has",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "in",
    "in~",
    "startswith",
    "startswith_cs",
]);

/// No keyword begins with a capital letter, and most columns do.
fn may_be_keyword(word: &str) -> bool {
    !word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether the word can be used as a name without brackets.
pub(super) fn is_usable(word: &str) -> bool {
    !may_be_keyword(word) || !RESERVED.contains(word) && !DECLARABLE.contains(word)
}

/// Whether the word can be declared as a name without brackets.
pub(super) fn is_declarable(word: &str) -> bool {
    !may_be_keyword(word) || !RESERVED.contains(word) && !word.contains('-')
}

/// Whether the word is one that may follow a dot or begin an expression although it is a keyword.
pub(super) fn is_special(word: &str) -> bool {
    matches!(word, "kind" | "withsource" | "with_source")
}

/// Whether the word, without its exclamation mark, is a negated operator.
pub(super) fn is_negated_operator(word: &str) -> bool {
    NEGATED.contains(word)
}

/// The dashed keyword that `text` starts with, if any.
pub(super) fn dashed_prefix(text: &str) -> Option<&'static str> {
    DASHED
        .words
        .iter()
        .copied()
        .filter(|word| text.starts_with(word))
        .max_by_key(|word| word.len())
}

/// The entry of `known` that `word` is probably a misspelling of.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&lower, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The number of single-character edits between two short words; a swap of neighbours counts as one.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (
        left.chars().take(40).collect(),
        right.chars().take(40).collect(),
    );
    let mut before: Vec<usize> = vec![0; right.len() + 1];
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row; right.len() + 1];
        for column in 1..=right.len() {
            let same = left[row - 1] == right[column - 1];
            let mut cost = previous[column - 1] + usize::from(!same);
            cost = cost.min(previous[column] + 1).min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                cost = cost.min(before[column - 2] + 1);
            }
            current[column] = cost;
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [DECLARABLE, RESERVED, DASHED, NEGATED] {
            assert!(table.words.is_sorted(), "{:?}", table.words);
            for word in table.words {
                assert!(table.contains(word), "{word}");
                assert!(!table.contains(&format!("{word}_")), "{word}");
            }
            assert!(!table.contains("") && !table.contains("zzz") && !table.contains("é"));
        }
    }

    #[test]
    fn misspellings_are_near() {
        let known = ["where", "extend", "summarize", "project"];
        assert_eq!(nearest("sumarize", known), Some("summarize"));
        assert_eq!(nearest("WHERE", known), Some("where"));
        assert_eq!(nearest("wehre", known), Some("where"));
        assert_eq!(nearest("banana", known), None);
    }
}
