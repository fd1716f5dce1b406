//! Listens, and starts a conversation per connection. Everything ends when the last handle is dropped.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};

use super::conversation::converse;
use super::store::{CaughtMail, Script, Store};
use super::storm::Storm;
use crate::smtp::{Encrypt, Wire};

/// Mails kept unless told otherwise: a demonstration's whole broadcast.
const KEPT: usize = 20_000;
/// Conversations at once; more wait. A relay of the size we imitate allows a hundred.
const CONVERSATIONS: usize = 100;

/// How connections are protected.
#[derive(Clone)]
pub enum Protection {
    /// Not at all.
    None,
    /// Offered after the greeting.
    StartTls(Arc<dyn Encrypt>),
    /// From the first byte.
    Tls(Arc<dyn Encrypt>),
}

/// What kind of server to imitate.
#[derive(Clone)]
pub struct Options {
    /// TLS.
    pub protection: Protection,
    /// Ask for this user name and password before taking mail.
    pub login: Option<(String, String)>,
    /// The mechanisms offered when a login is asked for, `PLAIN` and `LOGIN` being understood.
    pub mechanisms: &'static str,
    /// Offer PIPELINING. Older servers do not, and must be spoken to in lock step.
    pub pipelining: bool,
    /// Offer CHUNKING.
    pub chunking: bool,
    /// Mails kept; older ones are dropped and only counted.
    pub kept: usize,
    /// Domains that behave badly.
    pub storm: Option<Storm>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            protection: Protection::None,
            login: None,
            mechanisms: "PLAIN LOGIN",
            pipelining: true,
            chunking: true,
            kept: KEPT,
            storm: None,
        }
    }
}

/// Ends the listener, and with it every conversation.
struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A running catcher. Cheap to clone.
#[derive(Clone)]
pub struct SmtpCatcher {
    /// Where it listens.
    pub address: SocketAddr,
    store: Arc<Store>,
    _running: Arc<Running>,
}

impl SmtpCatcher {
    /// Listens in clear, for everybody; port 0 picks a free one.
    pub async fn start(listen: SocketAddr) -> io::Result<Self> {
        Self::start_with(listen, Options::default()).await
    }

    /// Listens as told.
    pub async fn start_with(listen: SocketAddr, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let store = Arc::new(Store::new(options.kept));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&store), Arc::new(options)));
        Ok(Self { address, store, _running: Arc::new(Running(accepting.abort_handle())) })
    }

    /// Mails kept, oldest first.
    #[must_use]
    pub fn mails(&self) -> Vec<CaughtMail> {
        self.store.mails()
    }

    /// One mail by its number, unless it was dropped since.
    #[must_use]
    pub fn mail(&self, number: usize) -> Option<CaughtMail> {
        self.store.mail(number)
    }

    /// How many were accepted in all, kept or dropped since.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.store.accepted()
    }

    /// How many connections were made in all.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.store.connections()
    }

    /// Returns once so many mails were accepted. The caller brings the patience.
    pub async fn wait_for(&self, accepted: usize) {
        self.store.wait_for(accepted).await;
    }

    /// How often an address that the storm is over was tried.
    #[must_use]
    pub fn tries_of(&self, recipient: &str) -> u32 {
        self.store.tries_of(recipient)
    }

    /// Scripts what happens to mails for an address; `*` stands for every address. Scripts are tried in the order given.
    pub fn script(&self, recipient: &str, script: Script) {
        self.store.script(recipient, script);
    }
}

async fn accept(listener: TcpListener, store: Arc<Store>, options: Arc<Options>) {
    let room = Arc::new(Semaphore::new(CONVERSATIONS));
    // Dropped with this task, which ends the conversations too.
    let mut conversations = JoinSet::new();
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Ok((socket, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: give others time to close theirs.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        while conversations.try_join_next().is_some() {}
        store.connected();
        let (store, options) = (Arc::clone(&store), Arc::clone(&options));
        conversations.spawn(async move {
            // A lost connection is the client's business; there is nobody to tell.
            let _ = serve(socket, &store, &options).await;
            drop(place);
        });
    }
}

async fn serve(socket: TcpStream, store: &Store, options: &Options) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let plain: Box<dyn Wire> = Box::new(socket);
    let (wire, is_encrypted) = match &options.protection {
        Protection::Tls(tls) => (tls.encrypt(plain).await?, true),
        _ => (plain, false),
    };
    converse(wire, is_encrypted, store, options).await
}
