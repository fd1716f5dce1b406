//! The bytes a conversation runs over. TLS is handed in from outside: the demo needs none, and tests bring their own
//! certificate and handshake.

use std::io;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

/// A connection, in clear or encrypted.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A handshake under way.
pub type Encrypting = Pin<Box<dyn Future<Output = io::Result<Box<dyn Wire>>> + Send>>;

/// The server's side of a TLS handshake.
pub trait Encrypt: Send + Sync {
    /// Turns a connection in clear into an encrypted one.
    fn encrypt(&self, plain: Box<dyn Wire>) -> Encrypting;
}
