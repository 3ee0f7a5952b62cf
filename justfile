# Format, lint and test: what a commit has to pass.
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test

test:
    cargo test

# Takes over every snapshot that changed; read the diff before you commit it.
accept:
    INSTA_UPDATE=always cargo test

demo:
    cargo run --release -- convert rules --to sentinel

doc:
    cargo doc --no-deps --open

# The targets' own tools judge what rulec writes: `just oracles`, or one of them: `just oracles kql`.
oracles *checks:
    tests/oracles/run {{ checks }}
