//! The promises of the whole compiler, one module per promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    unreachable_pub
)]

mod architecture;
mod cli;
mod computed_lists;
mod computed_values;
mod documents;
mod folder;
mod generate;
mod kql_bind;
mod kql_corpus;
mod kql_ground_truth;
mod kql_lowering;
mod kql_rows;
mod kql_scalars;
mod left_out;
mod made_columns;
mod meaning;
mod native;
mod native_schema;
mod overlay;
mod packs;
mod panther_kinds;
mod panther_proof;
mod panther_simple;
mod peers;
mod precedence;
mod python_page;
mod read_back;
mod readme;
mod robust;
mod rules;
mod schema_file;
mod shown;
mod sigma;
mod sigma_collections;
mod sigma_correlations;
mod sigma_proof;
mod sigma_semantics;
mod snapshot;
mod snapshot_formats;
mod source_proof;
mod sources;
mod spread;
mod templates;
mod translate;
mod value_maps;
mod verify;
mod windows;
mod written;
