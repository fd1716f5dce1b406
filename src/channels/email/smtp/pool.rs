//! Connections between two messages. Keeps the most recently used at hand and lets the others grow old and close.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::desk::lock;
use super::link::Link;

struct Shelf {
    links: Vec<(Instant, Link)>,
    /// A task is on its way to close what grows too old.
    is_watched: bool,
}

/// Idle connections of one relay.
pub struct Pool {
    kept: Arc<Mutex<Shelf>>,
    most: usize,
    idle: Duration,
}

impl Pool {
    pub fn new(most: usize, idle: Duration) -> Self {
        Self { kept: Arc::new(Mutex::new(Shelf { links: Vec::new(), is_watched: false })), most, idle }
    }

    /// The connection used last, unless all are too old.
    pub fn take(&self, now: Instant) -> Option<Link> {
        let mut kept = lock(&self.kept);
        let (since, link) = kept.links.pop()?;
        (now.duration_since(since) < self.idle).then_some(link)
    }

    /// Keeps a connection in good order. A watcher exists only while something is kept.
    pub fn keep(&self, link: Link, now: Instant) {
        let mut kept = lock(&self.kept);
        if kept.links.len() >= self.most {
            return;
        }
        kept.links.push((now, link));
        if !kept.is_watched {
            kept.is_watched = true;
            tokio::spawn(watch(Arc::downgrade(&self.kept), self.idle));
        }
    }
}

/// Closes idle connections politely: a relay that must find out by itself keeps a process for each.
async fn watch(kept: std::sync::Weak<Mutex<Shelf>>, idle: Duration) {
    loop {
        tokio::time::sleep(idle / 3).await;
        let Some(kept) = kept.upgrade() else { return };
        let (old, is_last) = {
            let mut kept = lock(&kept);
            let now = Instant::now();
            let (young, old): (Vec<_>, Vec<_>) =
                kept.links.drain(..).partition(|(since, _)| now.duration_since(*since) < idle);
            kept.links = young;
            kept.is_watched = !kept.links.is_empty();
            (old, !kept.is_watched)
        };
        for (_, link) in old {
            link.quit().await;
        }
        if is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use lettre::transport::smtp::extension::ClientId;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    use super::super::Road;
    use super::*;
    use crate::config::SmtpSecurity;

    /// A server that agrees to everything and tells the last command of its one client.
    async fn agreeable() -> (Road, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let last = tokio::spawn(async move {
            let (mut client, mut last) = (BufReader::new(listener.accept().await.unwrap().0), String::new());
            let mut answer = "220 here\r\n";
            loop {
                client.write_all(answer.as_bytes()).await.unwrap();
                let mut line = String::new();
                if client.read_line(&mut line).await.unwrap() == 0 {
                    return last;
                }
                answer = if line.starts_with("QUIT") { "221 bye\r\n" } else { "250 agreed\r\n" };
                last = line.trim().to_owned();
            }
        });
        let (host, hello) = ("127.0.0.1".to_owned(), ClientId::Domain("test.example".to_owned()));
        let limit = Duration::from_secs(5);
        (
            Road {
                host,
                port,
                security: SmtpSecurity::None,
                tls: None,
                hello,
                credentials: None,
                chunking: true,
                limit,
            },
            last,
        )
    }

    #[tokio::test]
    async fn a_connection_nobody_needs_is_closed_politely() {
        let (road, last) = agreeable().await;
        let pool = Pool::new(2, Duration::from_millis(30));
        pool.keep(Link::open(&road).await.unwrap(), Instant::now());
        assert_eq!(tokio::time::timeout(Duration::from_secs(5), last).await.unwrap().unwrap(), "QUIT");
        assert!(pool.take(Instant::now()).is_none());
        assert!(!lock(&pool.kept).is_watched, "nothing to watch, nobody watching");
    }

    #[tokio::test]
    async fn a_connection_too_old_is_not_handed_out() {
        let (road, _last) = agreeable().await;
        let pool = Pool::new(1, Duration::from_mins(1));
        let now = Instant::now();
        pool.keep(Link::open(&road).await.unwrap(), now);
        assert!(pool.take(now + Duration::from_mins(2)).is_none());
    }
}
