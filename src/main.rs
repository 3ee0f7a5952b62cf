//! The `rulec` binary: a thin door to [`rulec::cli`].

fn main() -> std::process::ExitCode {
    rulec::cli::main()
}
