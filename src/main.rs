//! Parses arguments, runs one command, prints one error.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    spare_memory();
    let arguments = tocsin::cli::Arguments::parse();
    match tocsin::cli::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tocsin: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// Does without huge pages. The allocator asks for them and a burst of mails touches a little of each: half as much memory
/// again, and nothing faster. A kernel that has none refuses, which is as well.
fn spare_memory() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
