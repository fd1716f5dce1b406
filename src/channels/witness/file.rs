//! A file of lines that is only ever appended to, safely with several processes on one machine.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A line is below a kilobyte: the last one is in the last few.
const TAIL: u64 = 16 * 1024;

/// Appends the lines that `next` makes of the last line there is; how many. Held under the file's lock from looking to
/// having written, and on the disk when it returns.
pub fn extend(path: &Path, next: impl FnOnce(Option<&str>) -> Result<Vec<String>, String>) -> Result<usize, String> {
    let said = |cause: std::io::Error| format!("{}: {cause}", path.display());
    let mut file = open(path).map_err(said)?;
    file.lock().map_err(said)?;
    let last = last_line(&mut file).map_err(said)?;
    let lines = next(last.as_deref())?;
    if !lines.is_empty() {
        // One write, so that a crash leaves at most one torn line, which the reader shows as such.
        let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(said)?;
    }
    Ok(lines.len())
}

/// Whether lines could be appended, without doing so.
pub fn check(path: &Path) -> Result<(), String> {
    open(path).map(drop).map_err(|cause| format!("{}: {cause}", path.display()))
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640);
    options.open(path)
}

fn last_line(file: &mut File) -> std::io::Result<Option<String>> {
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    Ok(text.lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn lines_follow_the_last_one_and_a_refusal_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/lines");
        let add = |text: &str| extend(&path, |last| Ok(vec![format!("{}{text}", last.unwrap_or("-"))])).unwrap();
        assert_eq!((add("a"), add("b")), (1, 1));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "-a\n-ab\n");
        assert_eq!(extend(&path, |_| Err("no".to_owned())), Err("no".to_owned()));
        assert_eq!(extend(&path, |_| Ok(Vec::new())), Ok(0));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "-a\n-ab\n");
        assert!(check(folder.path()).is_err(), "a folder is no file");
    }
}
