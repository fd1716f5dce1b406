//! Parses arguments, runs one command, prints one error.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = tocsin::cli::Arguments::parse();
    match tocsin::cli::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tocsin: {error:#}");
            ExitCode::from(1)
        }
    }
}
