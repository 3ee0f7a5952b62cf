//! The files of the evaluator whose items an emitted module may hold, each with the module that it is.
//!
//! They are the very files that rulec is built from, so that a function is computed by one text everywhere.

/// A file of this crate, from this folder.
macro_rules! files {
    ($($module:literal $path:literal)*) => {
        /// The modules below the root of what is emitted, and their texts.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($module, include_str!(concat!("../../../", $path)))),*
        ];
    };
}

files! {
    "eval::compare" "eval/compare.rs"
    "eval::container" "eval/container.rs"
    "eval::field" "eval/field.rs"
    "eval::order" "eval/order.rs"
    "eval::term" "eval/term.rs"
    "eval::walk" "eval/walk.rs"
    "compute::address" "ir/compute/address.rs"
    "compute::bytes" "ir/compute/bytes.rs"
    "compute::calendar" "ir/compute/calendar.rs"
    "compute::display" "ir/compute/display.rs"
    "compute::format" "ir/compute/format.rs"
    "compute" "ir/compute/mod.rs"
    "compute::number" "ir/compute/number.rs"
    "compute::pattern" "ir/compute/pattern.rs"
    "compute::query::arithmetic" "ir/compute/query/arithmetic.rs"
    "compute::query::calendar" "ir/compute/query/calendar.rs"
    "compute::query::coding" "ir/compute/query/coding.rs"
    "compute::query::collection" "ir/compute/query/collection.rs"
    "compute::query::digest" "ir/compute/query/digest.rs"
    "compute::query::format" "ir/compute/query/format.rs"
    "compute::query::geography" "ir/compute/query/geography.rs"
    "compute::query::logic" "ir/compute/query/logic.rs"
    "compute::query" "ir/compute/query/mod.rs"
    "compute::query::moment" "ir/compute/query/moment.rs"
    "compute::query::network" "ir/compute/query/network.rs"
    "compute::query::number" "ir/compute/query/number.rs"
    "compute::query::object" "ir/compute/query/object.rs"
    "compute::query::path" "ir/compute/query/path.rs"
    "compute::query::pattern" "ir/compute/query/pattern.rs"
    "compute::query::punycode" "ir/compute/query/punycode.rs"
    "compute::query::real" "ir/compute/query/real.rs"
    "compute::query::record" "ir/compute/query/record.rs"
    "compute::query::search" "ir/compute/query/search.rs"
    "compute::query::series" "ir/compute/query/series.rs"
    "compute::query::set" "ir/compute/query/set.rs"
    "compute::query::spell" "ir/compute/query/spell.rs"
    "compute::query::url" "ir/compute/query/url.rs"
    "compute::query::wording" "ir/compute/query/wording.rs"
    "compute::query::xml" "ir/compute/query/xml.rs"
    "compute::search" "ir/compute/search.rs"
    "compute::shell" "ir/compute/shell.rs"
    "compute::similarity" "ir/compute/similarity.rs"
    "compute::text" "ir/compute/text.rs"
    "compute::time::date" "ir/compute/time/date.rs"
    "compute::time::decimal" "ir/compute/time/decimal.rs"
    "compute::time::digit" "ir/compute/time/digit.rs"
    "compute::time::format" "ir/compute/time/format.rs"
    "compute::time::free" "ir/compute/time/free.rs"
    "compute::time" "ir/compute/time/mod.rs"
    "compute::time::names" "ir/compute/time/names.rs"
    "compute::time::parse" "ir/compute/time/parse.rs"
    "compute::time::token" "ir/compute/time/token.rs"
    "compute::time::word" "ir/compute/time/word.rs"
    "compute::url" "ir/compute/url.rs"
}
