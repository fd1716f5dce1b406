//! The directory that a mail server delivers into: one file a mail. A mail that was taken is deleted, because it holds in the
//! clear what is sealed now. Only an installation without a letterbox (see `app::letterbox`) lays aside what names no appeal.

use super::{Delivered, LONGEST_MAIL, Letter, Recipient, deliver, recipient};
use crate::app::{App, AppError};
use std::path::{Path, PathBuf};

/// Where mails of no appeal are laid where no letterbox takes them.
const ASIDE: &str = "unmatched";

/// What became of the mails of one walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Taken in.
    pub taken: usize,
    /// Known from before.
    pub repeated: usize,
    /// Sealed into the letterbox.
    pub boxed: usize,
    /// Laid aside.
    pub aside: usize,
}

/// Takes one mail in; it goes to the first appeal it was sent to, else into the letterbox.
async fn take_mail(app: &App, raw: &[u8]) -> Result<Delivered, AppError> {
    let Some(letter) = Letter::read(raw, None) else { return Ok(Delivered::Refused) };
    let mut found = None;
    for address in letter.recipients() {
        if let to @ Recipient::Appeal(_) = recipient(app, &address).await? {
            found = Some(to);
            break;
        }
    }
    // The mail server brought it here: it is for us, whatever its headers say.
    let to = match found {
        Some(to) => to,
        None if crate::app::letterbox::unit(app).await?.is_some() => Recipient::Letterbox,
        None => Recipient::Nobody,
    };
    deliver(app, &letter, &to).await
}

/// The mails that wait, oldest names first. A name that begins with a full stop is still being written.
fn waiting(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let fits = usize::try_from(entry.metadata()?.len()).is_ok_and(|length| length <= LONGEST_MAIL);
        if entry.file_type()?.is_file() && !hidden && fits {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Takes in all mails of the configured directory; nothing without one. A mail that could not be stored stays for the next
/// walk.
pub async fn pick_up(app: &App) -> Result<Picked, AppError> {
    let mut picked = Picked::default();
    let folder = PathBuf::from(&app.config.responses.mail_directory);
    if app.config.responses.mail_directory.is_empty() {
        return Ok(picked);
    }
    let unusable = |cause: std::io::Error| AppError::Unavailable(format!("responses.mail_directory: {cause}"));
    for file in waiting(&folder).map_err(unusable)? {
        let raw = std::fs::read(&file).map_err(unusable)?;
        match take_mail(app, &raw).await? {
            Delivered::Refused => {
                picked.aside += 1;
                std::fs::create_dir_all(folder.join(ASIDE)).map_err(unusable)?;
                let name = file.file_name().unwrap_or_default();
                std::fs::rename(&file, folder.join(ASIDE).join(name)).map_err(unusable)?;
                continue;
            }
            Delivered::Taken => picked.taken += 1,
            Delivered::Repeated => picked.repeated += 1,
            Delivered::Boxed => picked.boxed += 1,
        }
        std::fs::remove_file(&file).map_err(unusable)?;
    }
    Ok(picked)
}
