//! A program that is told what happens: keeps every message it gets and answers as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether one of its signatures is made with this secret (`whsec_…`), as Standard Webhooks says.
    pub fn is_signed(&self, secret: &str) -> bool {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        assert!((24..=64).contains(&key.len()), "{} bytes of secret", key.len());
        let text = format!("{}.{}.{}", self.headers["webhook-id"], self.headers["webhook-timestamp"], self.body);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
        let wanted = format!("v1,{}", STANDARD.encode(aws_lc_rs::hmac::sign(&key, text.as_bytes())));
        self.headers["webhook-signature"].split(' ').any(|signature| signature == wanted)
    }
}

#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<String>>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), heard: Arc::default(), answers: Arc::default() };
        let of = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                of.hear(stream);
            }
        });
        receiver
    }

    pub fn url(&self) -> String {
        format!("http://{}/tocsin", self.address)
    }

    /// The next message is answered with this status and these header lines; those after the last one with 204.
    pub fn answer(&self, status: u16, headers: &str) {
        self.answers.lock().unwrap().push_back(format!("HTTP/1.1 {status} X\r\n{headers}"));
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Of these kinds, oldest first.
    pub fn of(&self, kind: &str) -> Vec<Heard> {
        self.heard().into_iter().filter(|heard| heard.json()["type"] == kind).collect()
    }

    fn hear(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut headers = BTreeMap::new();
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap_or(0) > 0 && line.trim() != "" {
            if let Some((name, value)) = line.split_once(':') {
                headers.insert(name.trim().to_lowercase(), value.trim().to_owned());
            }
            line.clear();
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        if headers.is_empty() || reader.read_exact(&mut body).is_err() {
            // Not HTTP: something knocked.
            return;
        }
        self.heard.lock().unwrap().push(Heard { headers, body: String::from_utf8(body).unwrap() });
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or("HTTP/1.1 204 X\r\n".to_owned());
        let mut stream = stream;
        let _ = stream.write_all(format!("{answer}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes());
    }
}
