//! Opens the doors, and starts a conversation per connection within the limits.

use super::converse::converse;
use crate::app::App;
use crate::app::inbound_mail::LONGEST_MAIL;
use crate::config::{MailAddress, MailDialect, MailDoor};
use crate::smtp::Wire;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// What one peer, and all of them together, may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Conversations at once; more wait unanswered in the queue of the socket.
    pub connections: usize,
    /// Texts in memory at once, each of [`Limits::bytes`]; more wait for their turn within [`Limits::patience`].
    pub texts: usize,
    /// Bytes of one mail.
    pub bytes: usize,
    /// For one step: a command, a piece of a text, our answer being read (RFC 5321 §4.5.3.2.7).
    pub patience: Duration,
    /// For one text from 354 to the lone dot.
    pub text: Duration,
    /// For one connection altogether.
    pub visit: Duration,
    /// Recipients of one mail (RFC 5321 §4.5.3.1.8).
    pub recipients: usize,
    /// Commands that make no sense, or ask for nobody, after which the peer is hung up on.
    pub mistakes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            texts: 4,
            bytes: LONGEST_MAIL,
            patience: Duration::from_mins(5),
            text: Duration::from_mins(3),
            visit: Duration::from_mins(30),
            recipients: 100,
            mistakes: 20,
        }
    }
}

/// What the conversations share.
pub(super) struct House {
    pub app: App,
    pub limits: Limits,
    pub texts: Semaphore,
}

/// Open doors. Dropped, they close, and with them every conversation.
pub struct Mailbox {
    /// Where mails are taken: socket paths, or addresses with the port that was found.
    pub addresses: Vec<String>,
    tasks: JoinSet<()>,
    sockets: Vec<PathBuf>,
    stop: watch::Sender<bool>,
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        for socket in &self.sockets {
            let _ = std::fs::remove_file(socket);
        }
    }
}

enum Door {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Door {
    async fn accept(&self) -> io::Result<Box<dyn Wire>> {
        match self {
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                Ok(Box::new(socket))
            }
        }
    }
}

/// A socket that nobody listens on is left from a process that was killed, and makes room.
fn listen_at(path: &Path) -> io::Result<UnixListener> {
    if std::os::unix::net::UnixStream::connect(path).is_err() {
        match std::fs::remove_file(path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    let listener = UnixListener::bind(path)?;
    // The mail server shares the group, nobody else comes in.
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o660))?;
    Ok(listener)
}

impl Mailbox {
    /// Opens the doors.
    pub async fn open(app: &App, doors: &[MailDoor], limits: Limits) -> io::Result<Self> {
        let texts = Semaphore::new(limits.texts);
        let house = Arc::new(House { app: app.clone(), limits, texts });
        let room = Arc::new(Semaphore::new(limits.connections));
        let (stop, stopped) = watch::channel(false);
        let mut mailbox = Self { addresses: Vec::new(), tasks: JoinSet::new(), sockets: Vec::new(), stop };
        for MailDoor { dialect, address } in doors {
            let door = match address {
                MailAddress::Unix(path) => {
                    let listener = listen_at(path)?;
                    mailbox.sockets.push(path.clone());
                    mailbox.addresses.push(path.display().to_string());
                    Door::Unix(listener)
                }
                MailAddress::Tcp(address) => {
                    let listener = TcpListener::bind(address).await?;
                    mailbox.addresses.push(listener.local_addr()?.to_string());
                    Door::Tcp(listener)
                }
            };
            let (house, room, stopped) = (house.clone(), room.clone(), stopped.clone());
            mailbox.tasks.spawn(attend(door, *dialect, house, room, stopped));
        }
        Ok(mailbox)
    }

    /// Takes nobody new in and waits for those who are in the middle of a text, ten seconds at the most.
    pub async fn close(mut self) {
        let _ = self.stop.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_secs(10), all).await;
    }
}

async fn attend(
    door: Door,
    dialect: MailDialect,
    house: Arc<House>,
    room: Arc<Semaphore>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut conversations = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        let wire = tokio::select! {
            wire = door.accept() => wire,
            _ = stopped.changed() => break,
        };
        let Ok(wire) = wire else {
            // Out of file descriptors, most likely: give others time to close theirs.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        while conversations.try_join_next().is_some() {}
        let (house, stopped) = (house.clone(), stopped.clone());
        conversations.spawn(async move {
            let visit = house.limits.visit;
            // A lost or endless connection is the peer's business; what was not answered it sends again.
            let _ = tokio::time::timeout(visit, converse(wire, dialect, &house, stopped)).await;
            drop(place);
        });
    }
    while conversations.join_next().await.is_some() {}
}
