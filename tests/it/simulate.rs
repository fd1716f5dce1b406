//! `tocsin simulate`: a platform as a process of its own, with its ledger, its clock and its faults over HTTP.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// Ended with the test, whatever happens.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A bare request: status and body.
fn ask(address: &str, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{head} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .unwrap();
    let mut answer = Vec::new();
    // The simulator keeps connections open: read what it says it sends.
    let mut reader = BufReader::new(stream);
    let (mut line, mut status, mut length) = (String::new(), 0, 0);
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        if status == 0 {
            status = line.split(' ').nth(1).unwrap().parse().unwrap();
        }
        if let Some(number) = line.strip_prefix("content-length: ") {
            length = number.trim().parse().unwrap();
        }
        line.clear();
    }
    answer.resize(length, 0);
    reader.read_exact(&mut answer).unwrap();
    (status, String::from_utf8(answer).unwrap())
}

#[test]
fn each_platform_is_a_process_with_a_ledger_a_clock_and_faults() {
    for (platform, path) in [
        ("meta", "GET /v26.0/act_1001"),
        ("google", "POST /v26/customers/1/googleAds:search"),
        ("x", "GET /12/accounts"),
    ] {
        let started = Command::new(env!("CARGO_BIN_EXE_tocsin"))
            .args(["--json", "simulate", platform])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut process = Process(started);
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let address = told["base_url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();

        let (status, refused) = ask(&address, path, "");
        assert!((400..500).contains(&status), "{platform} answers nobody it does not know: {status} {refused}");
        let (status, ledger) = ask(&address, "GET /_simulator/ledger", "");
        let ledger: Value = serde_json::from_str(&ledger).unwrap();
        assert_eq!((status, &ledger["effects"], &ledger["campaigns"]), (200, &json!([]), &json!([])), "{platform}");
        let (status, table) = ask(&address, "GET /_simulator/ledger.txt", "");
        assert!(status == 200 && table.contains("0 campaign(s)"), "{platform}: {table}");
        assert_eq!(ask(&address, "POST /_simulator/faults", r#"{"fault": "outage"}"#).0, 200);
        assert!(ask(&address, path, "").0 >= 500, "{platform} has the outage it was told to have");
        assert_eq!(ask(&address, "POST /_simulator/faults", r#"{"fault": "sabotage"}"#).0, 400);
        assert_eq!(ask(&address, "POST /_simulator/clock", r#"{"advance_seconds": 60}"#).0, 200);
        assert_eq!(ask(&address, "GET /_simulator/nothing", "").0, 404);
    }
}
