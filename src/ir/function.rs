//! The functions of computed terms, and the aggregates of a counted group: two tables, like the operators.
//!
//! A function of a missing or `null` argument is missing, unless its entry says otherwise.

use serde::{Deserialize, Serialize};

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionInfo {
    /// The function.
    pub function: Function,
    /// Its name in the text form.
    pub name: &'static str,
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// What it computes.
    pub doc: &'static str,
}

macro_rules! functions {
    (
        common { $($variant:ident $name:literal $min:literal $max:expr, $doc:literal)* }
        library { $($other:ident $other_name:literal $other_min:literal $other_max:expr, $other_doc:literal)* }
    ) => {
        /// What a computed term computes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Function {
            $(#[doc = $doc] #[serde(rename = $name)] $variant,)*
            $(#[doc = $other_doc] #[serde(rename = $other_name)] $other,)*
        }

        /// Every function, in the order of the table.
        pub const FUNCTIONS: &[FunctionInfo] = &[
            $(FunctionInfo { function: Function::$variant, name: $name, arity: ($min, $max), doc: $doc },)*
            $(FunctionInfo {
                function: Function::$other, name: $other_name, arity: ($other_min, $other_max), doc: $other_doc,
            },)*
        ];

        /// The pattern of the functions that only some languages have. A `match` that says one of them names it before.
        macro_rules! library_function {
            () => { $($crate::ir::Function::$other)|* };
        }
    };
}

functions! {
common {
    Lower "lower" 1 1, "The text in lower case."
    Upper "upper" 1 1, "The text in upper case."
    Trim "trim" 1 1, "The text without white space at its ends: what Unicode calls so, and U+001C to U+001F."
    Length "length" 1 1, "The number of characters of a text, items of a list or keys of an object."
    Concat "concat" 1 usize::MAX, "The arguments' text forms, one after the other; a missing argument counts as the empty text."
    ToText "text" 1 1, "The value's text form; a text is itself, a truth value `true` or `false`, a list or object its JSON."
    ToNumber "number" 1 1, "The number that a text spells, or the number itself."
    Coalesce "coalesce" 2 usize::MAX, "The first argument that is there and not `null`."
    IfMissing "if_missing" 2 2, "The first argument if it is there, be it `null`; else the second."
    ParseJson "parse_json" 1 1, "The value that a text spells in JSON; an object or a list is itself; missing where the text is not JSON."
    Member "member" 2 2, "The value of the key (second argument) of an object; missing for anything but an object that has it."
    MemberExact "member_exact" 2 2, "The same as `member`, with the key spelt exactly so: upper and lower case differ."
    Item "item" 2 2, "The item at the position (second argument, from 0, negative from the end) of a list."
    Split "split" 2 2, "The parts of a text between the separators (second argument)."
    Substring "substring" 2 3, "The part of a text from the character position (second argument, from 0), of the length (third argument) or to the end."
    IndexOfRegex "index_of_regex" 2 2, "The character position of the first match of the regular expression (second argument), or -1."
    Replace "replace" 3 3, "The text with every occurrence of the second argument replaced by the third."
    Extract "extract" 3 3, "The group (third argument) of the first match of the regular expression (second argument); the empty text without a match."
    Add "add" 2 2, "The sum of two numbers. In arithmetic a truth value is 1 or 0, and what does not fit into 64 bits is the nearest number with a fraction."
    Subtract "subtract" 2 2, "The difference of two numbers."
    Each "each" 1 1, "One result row per item of the list."
}
library {
    List "list" 0 usize::MAX, "The list of the arguments' values; a missing argument is `null`."
    Object "object" 0 usize::MAX, "The object of the arguments, which are pairs of a key (a text) and its value; a missing value is `null`, a later pair of the same key wins."
    Append "append" 1 usize::MAX, "The items of the lists, one list after the other; missing where an argument is not a list."
    Slice "slice" 3 3, "The items of a list, or the characters of a text, from one position up to but without the other; negative positions count from the end, `null` is the respective end."
    Distinct "distinct" 1 1, "The items of a list without those that equal an earlier one; `true` and 1 are equal, as in Python's sets."
    Join "join" 2 2, "The items of a list (first argument), all of which are texts, with the separator (second argument) between them; missing where one is not a text."
    Walk "walk" 4 4, "The value below the keys (second argument, a list of texts spelt exactly so) of an object. Lists on the way are gone through: what their items have below the keys, `null` left out and lists as their items, equal values once (`true` and 1 are equal), is `first`, `last` or `all` (fourth argument) of these; one value is itself. The third argument stands for a missing key, a `null`, a list without an item that is no such list, a way that ends early, and for nothing found. Missing where an item of a list gives an object or a list in a list."
    Recurse "recurse" 2 2, "What the first argument, a list made of each item of a list of one item, has of that item. Within it, `again` with the same number (second argument) stands for the same of another value."
    Again "again" 2 2, "What the `recurse` around with this number (second argument) gives for the first argument, which lies within the value that it is about; missing more than 150 levels down."
    Encode "encode" 2 2, "The bytes of a text in an encoding (second argument: `ascii`, `latin-1`, `utf-8`, `utf-16-le`), as a text of one character up to U+00FF for each byte; missing where a character has none."
    Decode "decode" 2 2, "The text that bytes spell in an encoding, as with `encode`; missing where they spell none."
    Base64Decode "base64_decode" 2 2, "The bytes, as with `encode`, that a text or bytes spell in Base64; missing where they spell none. Other characters are skipped and an end may follow the padding, unless the second argument is true."
    Keys "keys" 1 1, "The keys of an object, as a list."
    Entries "entries" 1 1, "The keys and values of an object, as a list of lists of two."
    FromEntries "from_entries" 1 1, "The object of a list of lists of a key (a text) and its value; a later one of the same key wins; missing where the list is not of such lists."
    Characters "characters" 1 1, "The characters of a text, as a list of texts of one character."
    Flatten "flatten" 1 1, "The items of the lists in a list, one list after the other; missing where an item is not a list."
    Position "position" 2 2, "The position from 0 of the first item of the list (first argument) that equals the second argument; missing without one."
    Numbered "numbered" 1 1, "The items of a list with their positions from 0: a list of lists of two, the position and the item."
    Pairs "pairs" 2 2, "The items of two lists by their positions, as a list of lists of two, as many as the shorter list has."
    Latest "latest" 1 1, "The pairs of a list of lists of two, a key and its value: each key once, with its last value, in the order in which the keys come first; `true` and 1 are one key."
    Reverse "reverse" 1 1, "The items of a list from the last to the first."
    Sort "sort" 1 1, "The items of a list, all texts or all numbers, from the least to the greatest, equal ones in their order; missing where they cannot be ordered."
    SortPairs "sort_pairs" 1 1, "The second items of a list of lists of two, in the order of the first ones, all texts or all numbers, from the least to the greatest, equal ones in their order; missing where they cannot be ordered."
    Range "range" 2 2, "The whole numbers from the first argument up to but without the second; missing where these would be more than 10,000."
    Sum "sum" 1 1, "The sum of the numbers of a list, `true` being 1 and `false` 0; 0 for an empty list; missing where an item is not a number."
    Least "least" 1 1, "The first of the least items of a list, all texts or all numbers; missing for an empty list and where they cannot be ordered."
    Greatest "greatest" 1 1, "The first of the greatest items of a list, all texts or all numbers; missing for an empty list and where they cannot be ordered."
    Display "display" 1 1, "The text that Python's `str` gives for the value: a text is itself, `True`, `False`, `None` for `null` and for a missing value, `['a', {'b': 1}]` for lists and objects."
    DisplayEvent "display_event" 1 1, "The same for a value in a read-only container of its own kind: as `display`, but a list is shown as `ImmutableList(('a',))` and an object as `ImmutableCaseInsensitiveDict({'a': 1})`."
    Quoted "quoted" 1 1, "The literal that Python's `repr` gives for the value: a text stands in quotes, everything else is as with `display`."
    Format "format" 2 2, "The text that Python's `format` gives for a text, number or truth value and a specification (second argument, such as `>10` or `,.2f`); missing where they do not go together."
    TrimStart "trim_start" 1 2, "The text without white space, or without the characters of the second argument, at its start."
    TrimEnd "trim_end" 1 2, "The text without white space, or without the characters of the second argument, at its end."
    TitleCase "title_case" 1 1, "The text with the first letter of every run of letters as in a title, the others in lower case."
    Capitalize "capitalize" 1 1, "The text with its first character as in a title, the others in lower case."
    SwapCase "swap_case" 1 1, "The text with upper case for lower case and the other way round."
    CaseFold "case_fold" 1 1, "The text without the difference of upper and lower case: lower case, with `ß` as `ss` and the like."
    IndexOf "index_of" 2 2, "The character position of the first occurrence of a text (second argument) in a text, or -1."
    LastIndexOf "last_index_of" 2 2, "The character position of the last occurrence of a text (second argument) in a text, or -1."
    CountOf "count_of" 2 2, "How often the text (second argument) stands in a text, occurrences that overlap counting once; or how many items of a list equal it, `true` being 1."
    Words "words" 1 1, "The parts of a text between runs of white space."
    Lines "lines" 1 1, "The lines of a text, without what ends them."
    SplitFirst "split_first" 3 3, "The parts of a text between the separators (second argument), of which the first so many (third argument) count; a negative number is no bound; missing for the empty separator."
    SplitLast "split_last" 3 3, "The same, of which the last so many count."
    Group "group" 3 3, "The text of a group (third argument, a number or a name) of the first match of the regular expression (second argument); missing without a match, and where the group takes no part in it."
    FindAll "find_all" 2 2, "Every match of the regular expression (second argument) in a text, as a list: of the matches' texts, or of those of the only group, or of lists of those of the groups."
    ReplaceRegex "replace_regex" 3 3, "The text with every match of the regular expression (second argument) replaced by the third argument, in which `$1` or `${name}` stands for a group and `$$` for a dollar sign."
    SplitRegex "split_regex" 2 2, "The parts of a text between the matches of the regular expression (second argument)."
    ShellWords "shell_words" 1 1, "The words of a command line as a POSIX shell would take them apart; missing where a quotation or an escape does not end."
    Similarity "similarity" 2 2, "How much of two texts is alike, from 0 to 1: twice the characters of their longest common parts, found one within the other, by all their characters (Ratcliff and Obershelp)."
    PercentDecode "percent_decode" 1 1, "The text with `%20` and the like read as bytes of UTF-8; bytes that are none become U+FFFD."
    UrlPart "url_part" 2 2, "The part of a URL that the second argument names: scheme, netloc, path, params, query or fragment; missing where the URL is malformed."
    QueryValues "query_values" 1 1, "The names of a URL's query and for each the list of its values, decoded, empty ones left out."
    Address "address" 1 1, "The IP address that a text spells, in its shortest form, with its scope; missing where it spells none."
    FirstAddress "first_address" 1 2, "The first address of the network that a text spells (an address, or one with its fixed bits, netmask or host mask after a `/`); missing where it spells none, or has bits beyond the fixed ones, unless the second argument is true."
    LastAddress "last_address" 1 2, "The last address of the network that a text spells, as with `first_address`."
    Multiply "multiply" 2 2, "The product of two numbers."
    Divide "divide" 2 2, "The quotient of two numbers, as a number with a fraction; missing where the second is zero."
    FloorDivide "floor_divide" 2 2, "The quotient of two numbers, rounded down; missing where the second is zero."
    Modulo "modulo" 2 2, "What is left of the first number by the second, with the second's sign; missing where that is zero."
    Absolute "absolute" 1 1, "The number without its sign."
    Round "round" 1 2, "The nearest whole number, or the nearest number of so many digits (second argument) after the point; halves go to the even side."
    Truncate "truncate" 1 1, "The whole number that is left of a number without its fraction."
    BitAnd "bit_and" 2 2, "The bits that both whole numbers have; of two truth values, a truth value."
    BitOr "bit_or" 2 2, "The bits that one or both of two whole numbers have; of two truth values, a truth value."
    BitXor "bit_xor" 2 2, "The bits that one of two whole numbers has; of two truth values, a truth value."
    ReadTime "read_time" 2 usize::MAX, "The time that a text spells in the first of the formats of Python's `strptime` (the other arguments) that it follows: a list of two, the microseconds since 1970 that its clock shows, and how many microseconds this clock is ahead of UTC, `null` where the text does not say; missing where the text follows none of them. Names of months and days are English, those of zones UTC and GMT."
    GuessTime "guess_time" 2 2, "The time that a text spells in any form that Python's `dateutil` reads, as a list as with `read_time`. What the text leaves out is that of the day of the second argument (microseconds since 1970), the time of day 0:00; missing where the text spells no time, the empty list where a number in it is too large for a calendar."
    TimeOfSeconds "time_of_seconds" 1 1, "The microseconds since 1970 that a clock shows so many seconds after the start of 1970, to the nearest one, halves to the even one; missing outside of the years 1 to 9999."
    TimePart "time_part" 2 2, "The part that the second argument names (year, month, day, hour, minute, second, microsecond, or weekday from 0 for Monday) of a clock's time in microseconds since 1970."
    ScanTime "scan_time" 0 0, "The time at which a resource is judged, as a clock in UTC shows it, in microseconds since 1970; missing where no such time is known."
}
}

pub(crate) use library_function;

impl Function {
    /// The table's entry.
    pub fn info(self) -> FunctionInfo {
        FUNCTIONS[self as usize]
    }

    /// The name in the text form.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}

/// What is computed over the events of a counted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// The number of events; takes no argument.
    Count,
    /// The number of distinct values.
    DistinctCount,
    /// The distinct values, as a list.
    MakeSet,
    /// All values, as a list.
    MakeList,
    /// The sum.
    Sum,
    /// The mean.
    Average,
    /// The least value.
    Min,
    /// The greatest value.
    Max,
    /// The value of any one event.
    TakeAny,
}

impl Aggregate {
    /// The name in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::DistinctCount => "distinct_count",
            Self::MakeSet => "set",
            Self::MakeList => "list",
            Self::Sum => "sum",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::TakeAny => "any",
        }
    }
}
