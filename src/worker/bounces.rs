//! Reads the mails that came back, a file each, and erases what was understood: it holds addresses. What is about no mail
//! of ours is put aside in `unread`, where an operator finds it. Decides what follows from refusals.

use super::rounds::{looks, rest};
use crate::app::bounce::{self, CameBack};
use crate::app::{App, AppError};
use crate::channels::email::bounce::{LONGEST, Told, read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;

/// How often the folder is looked into: nobody waits for a bounce.
const PAUSE: Duration = Duration::from_secs(5);
/// After each batch of refusals the database's one writer belongs to others for so many times as long: mail goes first.
const OTHERS: u32 = 8;
/// Files a look takes, so that a stop waits for no flood.
const AT_ONCE: usize = 200;
/// Where files go that are about no mail of ours.
const UNREAD: &str = "unread";

/// Looks until `stop` says so.
pub async fn read_bounces(app: App, stop: watch::Receiver<bool>) {
    if app.config.email.bounce_folder.is_some() {
        let told = |found| {
            if found > 0 {
                tracing::info!(event = "bounces.read", found);
            }
            found > 0
        };
        looks(stop, "bounces", PAUSE, async || look(&app).await.map(told)).await;
    }
}

/// Decides what follows from refusals until `stop` says so.
pub async fn follow_up(app: App, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let began = Instant::now();
        let pause = match decide(&app).await {
            Ok(0) => PAUSE,
            Ok(_) => began.elapsed() * OTHERS,
            Err(cause) => {
                tracing::error!(event = "bounces", %cause);
                PAUSE
            }
        };
        if !rest(&mut stop, pause).await {
            return;
        }
    }
}

/// Decides what follows from some refusals; how many.
pub async fn decide(app: &App) -> Result<usize, AppError> {
    if !app.db.read(bounce::is_to_follow_up).await? {
        return Ok(0);
    }
    let context = app.clone();
    app.db.write(move |conn| bounce::follow_up(conn, &context)).await
}

/// Reads what lies in the folder; how many files. Two workers may share it: the same report counts once.
pub async fn look(app: &App) -> Result<usize, AppError> {
    let Some(folder) = &app.config.email.bounce_folder else { return Ok(0) };
    let files = files(folder).await.map_err(|cause| unreadable(folder, &cause))?;
    let mut found = 0;
    for file in files {
        match one(app, folder, &file).await {
            Ok(()) => found += 1,
            // Another worker was first.
            Err(Trouble::File(cause)) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(Trouble::File(cause)) => return Err(unreadable(&file, &cause)),
            Err(Trouble::App(cause)) => return Err(cause),
        }
    }
    Ok(found)
}

enum Trouble {
    File(std::io::Error),
    App(AppError),
}

fn unreadable(place: &Path, cause: &std::io::Error) -> AppError {
    AppError::Unavailable(format!("email.bounce_folder: {}: {cause}", place.display()))
}

/// A Maildir's `new`, or the folder itself; files that are still being written are left alone.
async fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let new = folder.join("new");
    let place = if tokio::fs::try_exists(&new).await? { new } else { folder.to_owned() };
    let mut entries = tokio::fs::read_dir(place).await?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let is_unfinished = name.to_string_lossy().starts_with('.') || name.to_string_lossy().ends_with(".tmp");
        if !is_unfinished && entry.file_type().await?.is_file() {
            files.push(entry.path());
        }
        if files.len() == AT_ONCE {
            break;
        }
    }
    Ok(files)
}

async fn one(app: &App, folder: &Path, file: &Path) -> Result<(), Trouble> {
    let mut bytes = Vec::new();
    tokio::fs::File::open(file)
        .await
        .map_err(Trouble::File)?
        .take(LONGEST)
        .read_to_end(&mut bytes)
        .await
        .map_err(Trouble::File)?;
    match read(&bytes, &app.config.email.bounce_domain, &|named| bounce::sign(app, named)) {
        Told::Unknown => {
            let aside = folder.join(UNREAD);
            tokio::fs::create_dir_all(&aside).await.map_err(Trouble::File)?;
            let name = file.file_name().unwrap_or_default();
            tracing::warn!(event = "bounces.unread", file = %name.to_string_lossy());
            return tokio::fs::rename(file, aside.join(name)).await.map_err(Trouble::File);
        }
        Told::Nothing => {}
        Told::Failed(mail, status) => {
            let (context, told) = (app.clone(), CameBack { mail, status });
            app.db.write(move |conn| bounce::came_back(conn, &context, &told)).await.map_err(Trouble::App)?;
        }
    }
    tokio::fs::remove_file(file).await.map_err(Trouble::File)
}
