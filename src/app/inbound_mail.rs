//! Mails of the public (RFC 5322), picked up from a directory that the mail server delivers into: one file a mail. Which
//! appeal a mail is about stands in the address it was sent to, `tips+SLUG@…`. A mail that was taken is deleted, because it
//! holds in the clear what is sealed now; one that belongs to no appeal is laid aside for the people of the mailbox.

use super::enter_response::{Entry, place, take};
use super::intake::Upload;
use super::respond::{LONGEST_TEXT, Told};
use super::{App, AppError};
use crate::domain::attachment::MOST_FILES;
use crate::domain::response::ResponseKind;
use crate::media::digest_of;
use mail_parser::{Address, Message, MessageParser, MimeHeaders};
use std::path::{Path, PathBuf};

/// A mail with five files of 25 MiB does not exist: mailboxes end far below.
const LONGEST_MAIL: u64 = 48 * 1024 * 1024;
/// Where mails of no appeal are laid.
const ASIDE: &str = "unmatched";

/// What became of the mails of one walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// Taken in.
    pub taken: usize,
    /// Known from before.
    pub repeated: usize,
    /// Laid aside.
    pub aside: usize,
}

/// What may name an appeal: what follows the plus sign in an address, or all before the at sign.
fn slugs(message: &Message<'_>) -> Vec<String> {
    let addresses = [message.to(), message.cc()].into_iter().flatten().flat_map(Address::iter);
    let mut texts: Vec<String> = addresses.filter_map(|one| one.address.as_deref().map(str::to_owned)).collect();
    for header in ["Delivered-To", "X-Original-To"] {
        texts.extend(message.header(header).and_then(|value| value.as_text()).map(str::to_owned));
    }
    let local = |text: &String| text.rsplit_once('@').map(|(local, _)| local.trim_start_matches('<').to_lowercase());
    let mut slugs: Vec<String> = texts.iter().filter_map(local).collect();
    for slug in &mut slugs {
        if let Some((_, tag)) = slug.split_once('+') {
            *slug = tag.to_owned();
        }
    }
    slugs
}

fn told(message: &Message<'_>, left_out: &[String]) -> Told {
    let body = message.body_text(0).unwrap_or_default();
    let mut what = format!("{}\n\n{}", message.subject().unwrap_or_default().trim(), body.trim());
    // Said to the reader: what is not there was there.
    what.extend(left_out.iter().map(|name| format!("\n[{name}]")));
    let sender = message.from().and_then(Address::first);
    // What a machine answers (out of office) is kept, behind everything people write.
    let automatic = message.header("Auto-Submitted").and_then(|value| value.as_text());
    let automatic = automatic.is_some_and(|value| !value.trim().eq_ignore_ascii_case("no"));
    Told {
        kind: Some(if automatic { ResponseKind::OutOfScope } else { ResponseKind::Tip }),
        what: what.trim().chars().take(LONGEST_TEXT).collect(),
        name: sender.and_then(|sender| sender.name.as_deref()).unwrap_or_default().to_owned(),
        email: sender.and_then(|sender| sender.address.as_deref()).unwrap_or_default().to_owned(),
        ..Told::default()
    }
}

fn files(message: &Message<'_>) -> Vec<Upload> {
    let upload = |part: &mail_parser::MessagePart<'_>| Upload {
        name: part.attachment_name().unwrap_or_default().chars().take(200).collect(),
        bytes: part.contents().to_vec().into(),
    };
    message.attachments().map(upload).collect()
}

/// Takes one mail in; whether it belonged to an appeal, and whether it was new.
async fn take_mail(app: &App, raw: &[u8]) -> Result<Option<bool>, AppError> {
    let Some(message) = MessageParser::default().parse(raw) else { return Ok(None) };
    let mut found = None;
    for slug in slugs(&message) {
        match place(app, &slug, None).await {
            Err(AppError::NotFound) => {}
            Ok(place) => found = Some(place),
            Err(other) => return Err(other),
        }
    }
    let Some(place) = found.filter(|place| place.is_shown(app)) else { return Ok(None) };
    let known_as = message.message_id().map_or_else(|| digest_of(raw), str::to_owned);
    let mut left_out = Vec::new();
    let mut kept = files(&message);
    for more in kept.split_off(kept.len().min(MOST_FILES)) {
        left_out.push(more.name);
    }
    // A file that cannot be kept is left out and named, never the mail with it.
    loop {
        let again: Vec<Upload> =
            kept.iter().map(|file| Upload { name: file.name.clone(), bytes: file.bytes.clone() }).collect();
        let told = told(&message, &left_out);
        let entry = Entry { channel: "mail", known_as: known_as.clone(), told, files: again };
        match take(app, &place, entry).await {
            Ok(Ok(_)) => return Ok(Some(true)),
            Ok(Err(refused)) => {
                let at = kept.iter().position(|file| file.name == refused.name).unwrap_or(0);
                kept.remove(at);
                left_out.push(refused.name);
            }
            Err(AppError::Conflict { .. }) => return Ok(Some(false)),
            Err(other) => return Err(other),
        }
    }
}

/// The mails that wait, oldest names first. A name that begins with a full stop is still being written.
fn waiting(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.file_type()?.is_file() && !hidden && entry.metadata()?.len() <= LONGEST_MAIL {
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
        if let Some(new) = take_mail(app, &raw).await? {
            picked.taken += usize::from(new);
            picked.repeated += usize::from(!new);
            std::fs::remove_file(&file).map_err(unusable)?;
        } else {
            picked.aside += 1;
            std::fs::create_dir_all(folder.join(ASIDE)).map_err(unusable)?;
            let name = file.file_name().unwrap_or_default();
            std::fs::rename(&file, folder.join(ASIDE).join(name)).map_err(unusable)?;
        }
    }
    Ok(picked)
}
