//! What version 1 wrote must open for as long as anything of it is stored: every layout, from a file that is never written
//! anew. If this fails, a change has shut out what witnesses already sent; raise the layout's version instead.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use base64::{Engine as _, prelude::BASE64_STANDARD};

use super::*;

const STORED: &str = include_str!("stored_v1.txt");
const PLACE: SealContext<'_> =
    SealContext { unit: "unit_1", appeal: "apl_1", response: "rsp_1", field: "text", schema_version: 1 };

fn text(name: &str) -> &'static str {
    let found = STORED.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("{name} is not stored"))
}

fn bytes(name: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(text(name)).unwrap()
}

fn sealed(name: &str) -> Sealed {
    Sealed::from_bytes(bytes(name))
}

#[test]
fn from_the_password_to_the_response() {
    let password = Password::typed("four quiet herons");
    assert!(verify_password(&password, &PasswordHash::parse(text("hash")).unwrap()));
    let reader = LockedReaderKey::from_bytes(bytes("lock")).unlock(&password, "usr_1").unwrap();
    let grant = WrappedAppealKey::from_bytes(bytes("grant"));
    let appeal = unwrap_for_reader(&grant, &reader, "apl_1", "usr_1").unwrap();
    assert_eq!(open(&appeal, &PLACE, &sealed("response")).unwrap().expose(), b"I saw her at the station.");
}

#[test]
fn from_the_session_to_the_same_reader() {
    let token = SessionToken::parse(text("token")).unwrap();
    assert_eq!(token.digest().to_hex(), text("token-digest"));
    let reader = unwrap_from_session(&SessionWrap::from_bytes(bytes("session")), &token, "ses_1").unwrap();
    let grant = WrappedAppealKey::from_bytes(bytes("grant"));
    assert!(unwrap_for_reader(&grant, &reader, "apl_1", "usr_1").is_ok());
}

#[test]
fn from_the_safe_to_the_response() {
    let safe = RecoveryPrivateKey::from_text(text("safe")).unwrap();
    let appeal = unwrap_for_recovery(&WrappedAppealKey::from_bytes(bytes("recovery")), &safe, "apl_1").unwrap();
    assert!(open(&appeal, &PLACE, &sealed("response")).is_ok());
}

#[test]
fn from_the_receipt_to_the_reply() {
    let receipt = ReceiptCode::parse(text("receipt")).unwrap();
    assert_eq!(receipt.digest().to_hex(), text("receipt-digest"));
    let thread = open_thread(&receipt, "rsp_1", &WrappedThreadKey::from_bytes(bytes("thread"))).unwrap();
    let place = SealContext { field: "message/1/witness", ..PLACE };
    assert_eq!(open(&thread, &place, &sealed("message")).unwrap().expose(), b"Thank you.");
}

#[test]
fn from_the_configuration_to_a_totp_secret() {
    let key = AtRestKey::from_text(text("at-rest-key")).unwrap();
    assert_eq!(key.open("totp", "usr_1", &bytes("at-rest")).unwrap().expose(), b"12345678901234567890");
}

#[test]
fn one_time_codes_and_links_are_found() {
    assert_eq!(OneTimeCode::parse(text("code")).unwrap().digest().to_hex(), text("code-digest"));
    assert_eq!(LinkToken::parse(text("link")).unwrap().digest().to_hex(), text("link-digest"));
}
