//! The `rulec` binary: a thin door to [`rulec::cli`].

// Rules are trees of small nodes; the system's allocator took a seventh of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    rulec::cli::main()
}
