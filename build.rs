//! Rebuilds when a migration is added: cargo does not watch the files that macros read.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
