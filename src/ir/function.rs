//! The functions of computed terms, and the aggregates of a counted group: two tables, like the operators.
//!
//! A function of a missing or `null` argument is missing, unless its entry says otherwise.
//!
//! The groups behind the library are the functions of query languages with static types. They tell no missing value from
//! `null`. A point in time is its ticks of 100 nanoseconds since the start of the year 1, a span its ticks; a whole number has
//! 64 bits and wraps; a number with a fraction is one of JSON, or `NaN`, `Infinity` or `-Infinity` as a text.

use schemars::JsonSchema;
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
        common { $($common:ident $common_name:literal $common_min:literal $common_max:expr, $common_doc:literal)* }
        library { $($library:ident $library_name:literal $library_min:literal $library_max:expr, $library_doc:literal)* }
        $($group:ident { $($variant:ident $name:literal $min:literal $max:expr, $doc:literal)* })*
    ) => {
        /// What a computed term computes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Function {
            $(#[doc = $common_doc] #[serde(rename = $common_name)] $common,)*
            $(#[doc = $library_doc] #[serde(rename = $library_name)] $library,)*
            $($(#[doc = $doc] #[serde(rename = $name)] $variant,)*)*
        }

        /// Every function, in the order of the table.
        pub const FUNCTIONS: &[FunctionInfo] = &[
            $(FunctionInfo {
                function: Function::$common, name: $common_name, arity: ($common_min, $common_max), doc: $common_doc,
            },)*
            $(FunctionInfo {
                function: Function::$library, name: $library_name, arity: ($library_min, $library_max), doc: $library_doc,
            },)*
            $($(FunctionInfo { function: Function::$variant, name: $name, arity: ($min, $max), doc: $doc },)*)*
        ];

        /// The pattern of the functions that only some languages have. A `match` that says one of them names it before.
        macro_rules! uncommon_function {
            () => { $($crate::ir::Function::$library)|* $($(| $crate::ir::Function::$variant)*)* };
        }

        /// The pattern of the functions of query languages: all groups behind the library.
        macro_rules! query_function {
            () => { $($($crate::ir::Function::$variant)|*)|* };
        }

        // The pattern of each of these groups.
        $(
            macro_rules! $group {
                () => { $($crate::ir::Function::$variant)|* };
            }
        )*
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
    Spread "spread" 1 2, "The items of a list; an object for each key of an object, with this key alone, or a list of the key and its value where the second argument is `true`; anything else, a missing value as `null`, as the only item of a list."
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
    Anywhere "anywhere" 0 0, "Each text and number anywhere in the event, a number as its text form; the names of keys are not among them. A predicate holds where it holds for any of them."
    ScanTime "scan_time" 0 0, "The time at which a resource is judged, as a clock in UTC shows it, in microseconds since 1970; missing where no such time is known."
}
logic_function {
    Same "same" 2 2, "Whether two values are equal, numbers by their size: `false` where one of them is missing, missing where both are."
    Precedes "precedes" 2 2, "Whether the first of two numbers, texts (by their code points) or truth values is less than the second; `NaN` is neither less nor equal."
    PrecedesOrIs "precedes_or_is" 2 2, "Whether the first of two numbers, texts or truth values is at most the second, as with `precedes`."
    Negation "negation" 1 1, "The other truth value."
    Conjunction "conjunction" 1 usize::MAX, "`false` where an argument is `false`, else missing where one is missing, else `true`."
    Disjunction "disjunction" 1 usize::MAX, "`true` where an argument is `true`, else missing where one is missing, else `false`."
    IsAbsent "is_absent" 1 1, "Whether the value is missing or `null`."
    OneOf "one_of" 2 3, "Whether a value equals, as with `same`, an item of the list (second argument); where the third argument is `true`, whatever the letter case of texts. `false` for a missing value."
    TextTest "text_test" 3 4, "Whether a text has the second argument, or one of its items where it is a list, as the third argument says: `contains`, `starts`, `ends`, or as a whole term, the start or the end of one: `term`, `term_start`, `term_end`; `every_term`: all items as terms. A term is a longest run of letters and digits of any script. Whatever the letter case where the fourth argument is `true`. `false` for a missing text."
    MatchesPattern "matches_pattern" 2 2, "Whether the regular expression (second argument) matches somewhere in the text; `false` for a missing text."
    LeastOf "least_of" 1 usize::MAX, "The least of the arguments that are there: numbers, texts or truth values as with `precedes`; missing where none is there."
    GreatestOf "greatest_of" 1 usize::MAX, "The greatest of the arguments that are there, as with `least_of`."
    FirstFilled "first_filled" 1 usize::MAX, "The first argument that is there and not the empty text; else the empty text."
    TypeName "type_name" 1 1, "The name of a value's type: `string`, `long`, `double`, `bool`, `array`, `dictionary`, and `null` for a missing value."
}
arithmetic_function {
    Plus "plus" 2 2, "The sum of two numbers: of whole ones within 64 bits, wrapping; else as IEEE 754 says."
    Minus "minus" 2 2, "The difference of two numbers, as with `plus`."
    Times "times" 2 2, "The product of two numbers, as with `plus`."
    Quotient "quotient" 2 2, "The quotient of two numbers: of whole ones without its fraction, missing where the second is zero; else as IEEE 754 says."
    Remainder "remainder" 2 2, "What is left of the first number by the second, never negative; missing where the second is zero."
    Opposite "opposite" 1 1, "The number with the other sign."
    MultipleBelow "multiple_below" 2 3, "The greatest multiple of the second number, counted from the third one or zero, that is not above the first; missing where the second is not above zero."
    WholeNumber "whole_number" 1 1, "The whole number of 64 bits that a value is: a number without its fraction, 1 or 0 for a truth value, what a text spells in decimal digits or, behind `0x`, in hexadecimal ones; missing for anything else and what does not fit."
    ShortNumber "short_number" 1 1, "The same within 32 bits."
    RealNumber "real_number" 1 1, "The number with a fraction that a value is: any number, 1 or 0 for a truth value, what a text spells; missing for anything else."
    TruthValue "truth_value" 1 1, "The truth value that a value is: itself, whether a number is not zero, or what a text spells: `true`, `false`, or a whole number, in any letter case; missing for anything else."
    Magnitude "magnitude" 1 1, "The number without its sign."
    Sign "sign" 1 1, "-1, 0 or 1 for a number below, at or above zero."
    RoundAway "round_away" 1 2, "The nearest number, with a fraction, of so many digits (second argument, else none) after the point, before it where negative; halves go away from zero."
    RealFunction "real_function" 2 3, "The function of real numbers that the first argument names (`sin`, `cos`, `tan`, `asin`, `acos`, `atan`, `atan2`, `cot`, `exp`, `exp2`, `exp10`, `log`, `log2`, `log10`, `sqrt`, `pow`, `degrees`, `radians`, `floor`, `ceiling`, `erf`, `erfc`, `gamma`, `loggamma`, `is_finite`, `is_infinite`, `is_nan`), as IEEE 754 computes it; a logarithm or root that has no real value is missing."
    ShiftLeft "shift_left" 2 2, "The bits of a whole number moved up by so many places, modulo 64."
    ShiftRight "shift_right" 2 2, "The bits of a whole number moved down by so many places, modulo 64, its sign staying."
    BitInverse "bit_inverse" 1 1, "The bits that a whole number of 64 bits does not have."
    BitCount "bit_count" 1 1, "How many of the 64 bits a whole number has."
    Hexadecimal "hexadecimal" 1 2, "The bits of a whole number in lower-case hexadecimal digits, at least so many (second argument) of them; of a negative one the last so many, else 16."
}
moment_function {
    ReadMoment "read_moment" 1 1, "The point in time that a text spells: ISO 8601, RFC 822 and RFC 850 with an English weekday or none, and dates with the month first; without an offset in UTC; missing where it spells none. A whole number is itself."
    ReadSpan "read_span" 1 1, "The span that a text spells: `[-][d.]hh:mm[:ss[.fffffff]]`, a number of days, or a number and its unit; missing where it spells none. A whole number is itself."
    MomentText "moment_text" 1 1, "A point in time as `2020-01-31T00:00:00.0000000Z`; the empty text for a missing one."
    SpanText "span_text" 1 1, "A span as `[-][d.]hh:mm:ss[.fffffff]`; the empty text for a missing one."
    FormatMoment "format_moment" 2 2, "A point in time in a format of the specifiers `d`, `f`, `F`, `H`, `h`, `m`, `M`, `s`, `y` and `tt`; missing where the format has another letter."
    FormatSpan "format_span" 2 2, "A span in a format of the specifiers `d`, `H`, `h`, `m`, `s`, `f` and `F`; missing where the format has another letter."
    PeriodStart "period_start" 3 3, "The start of the `day`, `week` (from Sunday), `month` or `year` (second argument) of a point in time, moved by so many of them."
    PeriodEnd "period_end" 3 3, "The last tick of the same period."
    MomentAdd "moment_add" 3 3, "A point in time (third argument) moved by so many (second argument) of a unit (first argument), in months to the last day of the month at most; missing outside of the years 1 to 9999, and for another unit."
    MomentDifference "moment_difference" 3 3, "How many boundaries of a unit (first argument) lie between the third argument and the second one, negative where it is earlier; missing for another unit."
    MomentPart "moment_part" 2 2, "The part of a point in time (second argument) that the first argument names: `year`, `quarter`, `month`, `week_of_year` (ISO 8601), `day`, `day_of_year`, `hour`, `minute`, `second`, `millisecond`, `microsecond`, `nanosecond`; missing for another name."
    MakeMoment "make_moment" 3 6, "The point in time of a year, month, day, hour, minute and second (which may have a fraction); missing where there is none."
    MakeSpan "make_span" 2 4, "The span of hours and minutes, hours, minutes and seconds, or days, hours, minutes and seconds; missing where a part is outside of its range."
}
wording_function {
    PlainText "plain_text" 1 1, "The value's text form: a text is itself, `null` and a missing value the empty text, a list or object its JSON without blanks."
    RealText "real_text" 1 1, "The shortest decimal text of a number with a fraction, with `.0` where it has none and with an exponent from 15 digits on; the empty text for a missing one."
    TextPart "text_part" 2 3, "The part of a text from the character position (second argument, from 0, negative from the end), of at most the length (third argument) or to the end; the empty text where there is none."
    Parts "parts" 2 3, "The parts of a text between the separators (second argument), or the list of the one at the position (third argument)."
    IndexWithin "index_within" 2 5, "The character position of the occurrence (fifth argument, from 1) of a text (second argument) that starts at the position (third argument, negative from the end) or behind it and within so many characters (fourth argument, -1 for all); -1 without one."
    IndexOfPattern "index_of_pattern" 2 5, "The same of a match of the regular expression (second argument); missing for a negative position."
    FirstHeld "first_held" 2 2, "The position of the first item of a list (second argument) that stands in a text as a term, whatever the letter case; -1 without one."
    CountWithin "count_within" 2 3, "How often the second argument stands in a text, overlapping occurrences included; where the third argument is `regex`, how many matches of the regular expression follow each other."
    Repeat "repeat" 2 3, "The text so many times, the third argument between."
    Reversed "reversed" 1 1, "The characters of a text from the last to the first."
    Translate "translate" 3 3, "The text (third argument) with each character of the first argument replaced by the one at its place in the second, whose last character stands for all further ones; without any they are left out."
    TrimPattern "trim_pattern" 3 3, "The text (second argument) without the matches of a regular expression (first argument) at its `start`, `end` or `both` (third argument)."
    Substitute "substitute" 3 3, "The text with every occurrence of the second argument replaced by the third; the text itself where the second is empty."
    SubstituteEach "substitute_each" 3 3, "The text with every item of the second list replaced by the item at its place in the third, or by a single text, at each place the first item that stands there; what no text replaces stays."
    ExtractGroups "extract_groups" 3 3, "Every match of the regular expression (second argument) in a text: the text of its only group, else the list of those of its groups, or of the groups (numbers or names) of the third argument; missing without a match."
    ReplaceMatches "replace_matches" 3 3, "The text with every match of the regular expression (second argument) replaced by the third argument, in which a backslash and a digit stand for a group."
    QuotePattern "quote_pattern" 1 1, "The text with a backslash before every character that has a meaning in regular expressions."
    CompareTexts "compare_texts" 2 2, "-1, 0 or 1 as the first text stands before, at or behind the second by its code points."
    ByteLength "byte_length" 1 1, "The number of bytes of a text in UTF-8."
    CodePoints "code_points" 1 1, "The code points of a text, as a list of numbers."
    FromCodePoints "from_code_points" 1 usize::MAX, "The text of code points, numbers or lists of them."
    ReadJson "read_json" 1 1, "The value that a text spells in JSON, a text that spells none itself; missing for the empty text."
    JsonPath "json_path" 2 2, "What lies below a path (second argument, such as `$.a[0]['b']`) of a value; missing where nothing does, and for a path with other steps."
    SortedJson "sorted_json" 1 1, "The JSON of a value without blanks, the keys of its objects in order."
    CsvRecord "csv_record" 1 1, "The fields of the first record of a text of comma-separated values."
    CommandWords "command_words" 1 1, "The words of a command line as Windows takes them apart."
    ReadXml "read_xml" 1 1, "The object that a text spells in XML: an element's attributes as keys with an `@` before, its elements by their names, in a list where a name repeats, its text alone or as `#text`; missing where it spells none."
    UrlParts "url_parts" 1 1, "The object of the parts of a URL: `Scheme`, `Host`, `Port`, `Path`, `Username`, `Password`, `Query Parameters`, `Fragment`."
    QueryParts "query_parts" 1 1, "The object of the parameters of a URL's query, under the key `Query Parameters`."
    PathParts "path_parts" 1 1, "The object of the parts of a file's path: `Scheme`, `RootPath`, `DirectoryPath`, `DirectoryName`, `Filename`, `Extension`, `AlternateDataStreamName`."
}
collection_function {
    ListLength "list_length" 1 1, "The number of items of a list; missing for anything else."
    ListSlice "list_slice" 3 3, "The items of a list from one position to the other, both included; negative positions count from the end."
    Rotate "rotate" 2 2, "The items of a list moved towards its start by so many places, those that leave it coming back at its end."
    Shift "shift" 3 3, "The items of a list moved towards its start by so many places, the third argument filling what is left free."
    SplitAt "split_at" 2 2, "The parts of a list before, between and from the positions (a number or a list of them), negative ones from the end."
    SortItems "sort_items" 2 3, "The items of a list in order, descending where the second argument is `true`: numbers before texts, or truth values alone; `null` at the end, or at the start where the third argument is `false`; missing where there are others."
    SortBy "sort_by" 3 3, "The items of a list in the order of the items of another one (second argument) as with `sort_items`, descending where the third argument is `true`; missing where their numbers differ."
    ListIndex "list_index" 2 5, "The position of an item in a list as with `index_within`; -1 without one."
    ListSum "list_sum" 1 1, "The sum of the numbers of a list, with a fraction; missing where an item is none."
    ListChoice "list_choice" 3 3, "For each item of a list of truth values or numbers the item at its place of the second list where it is true or not zero, else of the third; `null` for anything else. An argument that is no list stands for each place."
    JoinItems "join_items" 2 2, "The text forms of a list's items with the second argument between; the empty text for anything but a list."
    Union "union" 1 usize::MAX, "The items of lists, each once, in the order in which they come first; missing where an argument is no list."
    Intersection "intersection" 1 usize::MAX, "The items of the first list that stand in all others, each once."
    Difference "difference" 1 usize::MAX, "The items of the first list that stand in no other, each once."
    HasItem "has_item" 2 2, "Whether a value stands in a list."
    Likeness "likeness" 2 2, "How many items two lists share of those that they have together, as a number with a fraction."
    SameItems "same_items" 2 2, "Whether every item of each of two lists stands in the other."
    Repeated "repeated" 2 2, "The list of a value so many times; missing for a negative number and where these would have more than 1,048,576 values."
    Zip "zip" 2 usize::MAX, "The items of lists by their positions, as lists with `null` where one has no more."
    Steps "steps" 4 4, "The list of numbers from the first argument to the second, included, in steps of the third, shown as `number`, `moment` or `span` (fourth argument); missing where these would be more than 1,048,576, and for no step."
    MergeObjects "merge_objects" 1 usize::MAX, "The keys of all objects with the value that the first of them has; what is no object is left out; missing where none is."
    ObjectHas "object_has" 2 2, "Whether an object has a key, or something below a path such as `$.a.b`."
    WithoutKeys "without_keys" 2 2, "An object without the keys and paths of a list."
    WithKey "with_key" 3 3, "An object with a value for a key or below a path, for whose steps objects are made."
    ZipObject "zip_object" 2 2, "The object of a list of keys and a list of their values, `null` where that has no more; keys that are no texts are left out."
    TreePaths "tree_paths" 1 1, "The paths of everything in an object or list, a list's items as one."
}
network_function {
    AddressNumber "address_number" 1 2, "The number of the IPv4 address that a text spells, with its fixed bits behind a `/`, or of its first so many (second argument) bits; missing where it spells none."
    LongAddress "long_address" 1 2, "The IPv6 address, of an IPv4 one the mapped one, that a text spells, in eight groups of four digits, cut as with `address_number`; missing where it spells none."
    CompareNetworks "compare_networks" 4 4, "-1, 0 or 1 as the first of two addresses comes before, is, or comes after the second, in as many bits as the fixed ones of both and the third argument allow, of IPv4 or IPv6 (fourth argument, 4 or 6); missing where one is no address."
    InNetworks "in_networks" 3 3, "Whether an address lies in a network or in one of a list, of IPv4 or IPv6 (third argument); missing where it is no address."
    IsPrivateAddress "is_private_address" 1 1, "Whether an IPv4 address, with its fixed bits, is one of the three private networks; missing where it is none."
    FixedBits "fixed_bits" 1 1, "The number of the fixed bits behind an IPv4 address, 32 without; missing where it is none."
    NetworkText "network_text" 3 3, "An IPv4 address, a text or a number, cut to so many bits, with these behind a `/` where the third argument is `true`; the empty text where it is none."
    NetworksBetween "networks_between" 2 2, "The fewest networks that make up all IPv4 addresses from one to another."
    HoldsAddress "holds_address" 3 3, "Whether one of a list of IPv4 addresses, or of their beginnings where the third argument is `true`, stands in a text with no letter, digit or underscore beside it."
}
coding_function {
    ToBase64 "to_base64" 1 1, "The bytes of a text in UTF-8, or of a list of numbers, in Base64; the empty text for a text that is missing and for a list that is none."
    FromBase64 "from_base64" 1 1, "The text whose UTF-8 a text spells in Base64; the empty text where it spells none."
    BytesFromBase64 "bytes_from_base64" 1 1, "The bytes that a text spells in Base64, as a list of numbers; missing where it spells none."
    GuidFromBase64 "guid_from_base64" 1 1, "The 16 bytes that a text spells in Base64, as a GUID whose first three parts are little-endian."
    ReadGuid "read_guid" 1 1, "The GUID that the first 32 hexadecimal digits of a text make, hyphens between them left out, in lower case; missing where there is another character among them."
    UrlEncode "url_encode" 2 2, "The bytes of a text but letters, digits and `-_.!*()` (where the second argument is `true`, a blank becomes `+`) as `%2f` and the like."
    UrlDecode "url_decode" 1 1, "The text with `%20` and the like read as UTF-8 and `+` as a blank."
    Digest "digest" 2 2, "The digest of a text's UTF-8 in lower-case hexadecimal digits, by `md5`, `sha1` or `sha256`."
    Hash "hash" 1 2, "The 64 bits of XXH64 of a text, or what is left of them, unsigned, by the second argument."
    ToPunycode "to_punycode" 1 1, "The text in Punycode (RFC 3492)."
    FromPunycode "from_punycode" 1 1, "The text that Punycode spells; the empty text where it spells none."
    Inflate "inflate" 2 2, "The text that a text spells as compressed bytes in Base64, as `gzip` or `zlib`; the empty text where it spells none."
    Utf8Bytes "utf8_bytes" 1 1, "The bytes of a text in UTF-8, as a list of numbers."
    IsAscii "is_ascii" 1 1, "Whether a text has ASCII characters only."
    GuidToBase64 "guid_to_base64" 1 1, "The 16 bytes of a GUID, as with `guid_from_base64`, in Base64; the empty text where a text spells none."
}
series_function {
    SeriesMap "series_map" 2 2, "The real function (first argument, as with `real_function`, and `magnitude`, `sign`) of every number of a list, `null` for anything else in it."
    SeriesPair "series_pair" 3 3, "The operation (first argument: `plus`, `minus`, `times`, `divide`, `pow`, `same`, `different`, `less`, `at_most`, `greater`, `at_least`) of two lists' numbers by their positions, or of a list and a number, `null` for anything else in them and where one has no more."
    SeriesFill "series_fill" 2 3, "A list with a value for its missing numbers: of the one before (`forward`), behind (`backward`), or the third argument (`const`)."
    SeriesFold "series_fold" 2 3, "One number of a list or two: `sum`, `product`, `magnitude`, `dot`, `cosine`, `pearson`, `min` and `max` and the positions where they come first (`min_idx`, `max_idx`), `avg`, `variance` (of a sample) and `stdev`, its root."
    SeriesSeasonal "series_seasonal" 2 2, "A list whose numbers are the medians of those of the same place in each period of so many items (second argument)."
    SeriesFilter "series_filter" 3 3, "A list of numbers through a recursive filter with coefficients of the values (second argument) and of the results (third argument), nothing being before the first."
}
geography_function {
    OnSphere "on_sphere" 5 7, "What the first argument names of places given by longitude and latitude in degrees, the earth being a sphere with a radius of 6,371,010 m: the `distance` in metres, the `azimuth` from the first to the second clockwise from north, the `angle` at the second between the other two, both in radians, or whether the first is `within` so many metres of the second; missing where one is no place, or two are one."
    LineLength "line_length" 1 1, "The length in metres of a line, or of several, in `GeoJSON`."
    Geohash "geohash" 2 3, "The Geohash of a longitude and latitude with so many digits (third argument, 5 if left out); the empty text where there is none."
    GeohashCell "geohash_cell" 2 2, "The `center` or the `border` of a Geohash in `GeoJSON`, or the list of its `neighbors` from the west by the south to the north-west."
}
}

pub(crate) use {
    arithmetic_function, coding_function, collection_function, geography_function, logic_function,
    moment_function, network_function, query_function, series_function, uncommon_function,
    wording_function,
};

impl Function {
    /// The table's entry.
    pub fn info(self) -> FunctionInfo {
        FUNCTIONS[self as usize]
    }

    /// The name in the text form.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Whether its value depends on more than its arguments: on the event itself or the time.
    pub fn reads_surroundings(self) -> bool {
        matches!(self, Self::Anywhere | Self::ScanTime)
    }
}

/// What is computed over the events of a counted group.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
